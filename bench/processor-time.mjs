// Processor time of what a command starts, by role, for the benchmarks. Linux only: elsewhere nothing is told.
import { readdirSync, readFileSync } from 'node:fs';

/** Clock ticks a second, as /proc counts; 100 on every Linux that Node runs on. */
const TICKS = 100;
/** Milliseconds between two looks. */
const INTERVAL = 200;

const ROLES = [
  ['server', /server start-dev/],
  ['worker', /infra\/worker\/main/],
  ['compute', /activities\/compute\/process/],
  ['command', /cli\/main/],
];

/**
 * Watches every process that has LCOMS_HOME=`home` in its environment; `stop` returns their processor seconds by role:
 * {server, worker, compute, command}. What a process spends after the last look at it is missing.
 */
export function watchProcessorTime(home) {
  const spent = new Map();
  const look = () => {
    for (const pid of ids()) {
      try {
        const known = spent.get(pid);
        if (known === null) continue;
        // Asked each time: a process that has just been forked still bears the name of its parent.
        const role = roleOf(pid, home);
        if (role === null) {
          spent.set(pid, null);
          continue;
        }
        const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
        const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
        spent.set(pid, { role, seconds: (Number(fields[11]) + Number(fields[12])) / TICKS });
      } catch {
        // It has just ended.
      }
    }
  };
  const timer = setInterval(look, INTERVAL);
  return {
    stop() {
      clearInterval(timer);
      const total = {};
      for (const one of spent.values()) if (one) total[one.role] = (total[one.role] ?? 0) + one.seconds;
      return total;
    },
  };
}

function ids() {
  try {
    return readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  } catch {
    return [];
  }
}

function roleOf(pid, home) {
  if (!readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0').includes(`LCOMS_HOME=${home}`)) return null;
  const command = readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
  return ROLES.find(([, pattern]) => pattern.test(command))?.[0] ?? null;
}
