import { mkdir, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { SweepPlan, TrialRecord } from '../schemas/sweep.js';
import { assertReplaceable, swap } from './results.js';
import { trialsCsv, trialsParquet } from './sweep-table.js';

/** Writes the table of trials to `outDir`, all files or none; returns them by kind. */
export async function writeSweepResults(
  plan: SweepPlan,
  records: readonly TrialRecord[],
  outDir: string,
): Promise<Record<string, string>> {
  assertReplaceable(outDir);
  const contents = {
    csv: ['trials.csv', trialsCsv(records)],
    parquet: ['trials.parquet', trialsParquet(records)],
    json: ['trials.json', `${JSON.stringify({ sweepId: plan.sweepId, trials: records.map(shownTrial) }, null, 2)}\n`],
    plan: ['plan.json', `${JSON.stringify(plan, null, 2)}\n`],
  } as const;
  const temporary = `${outDir}.${process.pid}.partial`;
  await rm(temporary, { recursive: true, force: true });
  await mkdir(temporary, { recursive: true });
  try {
    for (const [name, bytes] of Object.values(contents)) await writeFile(path.join(temporary, name), bytes);
    await swap(temporary, outDir);
  } finally {
    await rm(temporary, { recursive: true, force: true });
  }
  return Object.fromEntries(Object.entries(contents).map(([kind, [name]]) => [kind, path.join(outDir, name)]));
}

/** A trial as `--json` prints it. */
export function shownTrial({ version: _, report: __, error, ...trial }: TrialRecord) {
  return { ...trial, ...(error ? { error } : {}) };
}
