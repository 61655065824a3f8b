// A thread of the compute process: a computation that never yields could not see that its worker died, this can.
import { workerData } from 'node:worker_threads';

const { parent } = workerData as { parent: number };
setInterval(() => {
  if (process.ppid !== parent) process.kill(process.pid, 'SIGKILL');
}, 500);
