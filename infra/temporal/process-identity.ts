import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

/** A process that can be told from another one that got the same id later. */
export interface ProcessIdentity {
  pid: number;
  /** When it started, in whatever form the system tells it; '' when it can't be known. */
  started: string;
}

export function identify(pid: number): ProcessIdentity {
  return { pid, started: startOf(pid) ?? '' };
}

/** Whether that very process is still there. */
export function isRunning({ pid, started }: ProcessIdentity): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return false;
  }
  const now = startOf(pid);
  return now !== null && (started === '' || now === '' || now === started);
}

/** null: the process is a zombie, ended but not yet collected. */
function startOf(pid: number): string | null {
  if (process.platform === 'linux') {
    try {
      // Field 2, the name in brackets, may hold spaces: count from its end. Field 3 is the state, 22 the start.
      const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
      const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
      return fields[0] === 'Z' ? null : (fields[19] ?? '');
    } catch {
      return '';
    }
  }
  try {
    return execFileSync('ps', ['-o', 'lstart=', '-p', String(pid)], { encoding: 'utf8' }).trim();
  } catch {
    return '';
  }
}
