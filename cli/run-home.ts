import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { z } from 'zod';

/** What this machine remembers of a run beside its record in the store. */
const localRunSchema = z.object({ outDir: z.string() });
export type LocalRun = z.infer<typeof localRunSchema>;

function fileOf(home: string, runId: string): string {
  return path.join(home, 'runs', `${runId}.json`);
}

export function rememberRun(home: string, runId: string, local: LocalRun): void {
  const file = fileOf(home, runId);
  mkdirSync(path.dirname(file), { recursive: true });
  const partial = `${file}.${process.pid}.partial`;
  writeFileSync(partial, JSON.stringify(local));
  renameSync(partial, file);
}

/** Where the results of a run go: as it was started with, else `lcoms-out/<runId>` here. */
export function outDirOf(home: string, runId: string): string {
  try {
    return localRunSchema.parse(JSON.parse(readFileSync(fileOf(home, runId), 'utf8'))).outDir;
  } catch {
    return defaultOutDir(runId);
  }
}

export function defaultOutDir(runId: string): string {
  return path.resolve('lcoms-out', runId);
}
