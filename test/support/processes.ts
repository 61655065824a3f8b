import { readdirSync, readFileSync } from 'node:fs';

/** Ids of the processes of a home (LCOMS_HOME in their environment) whose command line holds `part`. Linux only. */
export function processesOf(home: string, part: string): number[] {
  const read = (file: string): string => {
    try {
      return readFileSync(file, 'utf8');
    } catch {
      return '';
    }
  };
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .filter((pid) => read(`/proc/${pid}/environ`).split('\0').includes(`LCOMS_HOME=${home}`))
    .filter((pid) => read(`/proc/${pid}/cmdline`).includes(part))
    .map(Number);
}

/** Sends a signal to processes; those that are gone are passed over. */
export function signalAll(pids: readonly number[], signal: NodeJS.Signals): void {
  for (const pid of pids) {
    try {
      process.kill(pid, signal);
    } catch {
      // Gone already.
    }
  }
}
