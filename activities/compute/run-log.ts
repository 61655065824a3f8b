import { appendFileSync, mkdirSync } from 'node:fs';
import path from 'node:path';

/** File of everything that the nodes of a run print: `<logs>/runs/<runId>.log`. */
export function runLogFile(logs: string, runId: string): string {
  return path.join(logs, 'runs', `${runId.replaceAll(/[^A-Za-z0-9._-]/g, '_')}.log`);
}

/** A line of it. */
export interface LogLine {
  /** ISO 8601. */
  time: string;
  node: string;
  /** null in logs of earlier versions. */
  attempt: number | null;
  text: string;
}

/** Reads what `append` writes; null for anything else. */
export function parseLogLine(line: string): LogLine | null {
  const match = /^(\d{4}-\d\d-\d\dT[\d:.]+Z) (\S+?)(?:#(\d+))? (.*)$/.exec(line);
  if (!match) return null;
  const [, time = '', node = '', attempt, text = ''] = match;
  return { time, node, attempt: attempt === undefined ? null : Number(attempt), text };
}

/** Appends lines to the log of a run, each with its time, node and attempt. A log that can't be written stops no run. */
export class RunLog {
  constructor(private readonly logs: string) {}

  append(runId: string, nodeId: string, attempt: number, text: string): void {
    const file = runLogFile(this.logs, runId);
    const stamp = `${new Date().toISOString()} ${nodeId}#${attempt} `;
    const lines = text.replace(/\n+$/, '').split('\n');
    try {
      mkdirSync(path.dirname(file), { recursive: true });
      // One write a call keeps lines of several nodes whole.
      appendFileSync(file, lines.map((line) => `${stamp}${line}\n`).join(''));
    } catch {
      // A full disk is reported by the work itself.
    }
  }
}
