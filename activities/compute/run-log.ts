import { appendFileSync, mkdirSync } from 'node:fs';
import path from 'node:path';

/** File of everything that the nodes of a run print: `<logs>/runs/<runId>.log`. */
export function runLogFile(logs: string, runId: string): string {
  return path.join(logs, 'runs', `${runId.replaceAll(/[^A-Za-z0-9._-]/g, '_')}.log`);
}

/** Appends lines to the log of a run, each with its time and node. A log that can't be written stops no run. */
export class RunLog {
  constructor(private readonly logs: string) {}

  append(runId: string, nodeId: string, text: string): void {
    const file = runLogFile(this.logs, runId);
    const stamp = `${new Date().toISOString()} ${nodeId} `;
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
