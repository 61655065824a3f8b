import { readdirSync, readFileSync } from 'node:fs';

/** What a process has had of the processor, and whether it wants more. */
export interface Usage {
  /** Milliseconds of all its threads since its start. */
  cpu: number;
  /** One of its threads is ready to run or waits for a disk. */
  wants: boolean;
}

/** Milliseconds of a clock tick of /proc, 100 a second on every Linux. */
const TICK = 10;

/** Usage of a process; null where the system does not tell (Linux does), or it is gone. */
export function usageOf(pid: number | undefined): Usage | null {
  if (pid === undefined || process.platform !== 'linux') return null;
  try {
    const [, ...whole] = fields(`/proc/${pid}/stat`);
    const cpu = TICK * (Number(whole[10]) + Number(whole[11]));
    const wants = readdirSync(`/proc/${pid}/task`).some((thread) =>
      ['R', 'D'].includes(fields(`/proc/${pid}/task/${thread}/stat`)[0] ?? ''),
    );
    return { cpu, wants };
  } catch {
    return null;
  }
}

/** Fields of a stat file from the third, the state, on: the second, a name in brackets, may hold anything. */
function fields(file: string): string[] {
  const stat = readFileSync(file, 'utf8');
  return stat.slice(stat.lastIndexOf(')') + 2).split(' ');
}
