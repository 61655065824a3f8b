import { toRemoteError } from '../activities/compute/remote-error.js';
import type { RelaxationStep } from '../lib/relax/relax.js';
import { type ScoredRow, scoredRow } from '../lib/scoring/scored-row.js';
import type { Scorer } from '../plugins/contract/scorer.js';
import { LcomsError } from '../schemas/errors.js';
import { BATCH, type InputRow } from './crystal-batches.js';
import { type PerturbSettings, perturbedRows, type SkipReason } from './perturbed-rows.js';
import { type RelaxedLine, type RelaxSettings, relaxLines } from './relax-lines.js';
import { type ScoredLine, scoreLines } from './score-lines.js';

/** What a process with a scorer is asked to do with a batch of rows. One result a row, or a perturbed one, in order. */
export type ScorerTask =
  | { type: 'score'; rows: InputRow[] }
  | { type: 'relax'; rows: InputRow[]; settings: RelaxSettings }
  | { type: 'data-row'; rows: InputRow[] }
  | { type: 'perturbed-row'; rows: InputRow[]; settings: PerturbSettings };

export interface TaskResults {
  score: ScoredLine[];
  relax: RelaxedLine[];
  'data-row': RowResult[];
  'perturbed-row': RowResult[];
}

/** A row of a data set, or why it is left out. */
export type RowResult =
  | { row: ScoredRow }
  | { skipped: SkipReason }
  | { file: string; line: number; error: { code: string; message: string } };

export async function perform(
  task: ScorerTask,
  scorer: Scorer,
  signal?: AbortSignal,
  onStep?: (step: RelaxationStep) => void,
): Promise<TaskResults[keyof TaskResults]> {
  if (task.type === 'score') return await scoreLines(task.rows, scorer);
  if (task.type === 'relax') return await relaxLines(task.rows, scorer, task.settings, signal, onStep);
  if (task.type === 'data-row') return await dataRows(task.rows, scorer);
  return await perturbedDataRows(task.rows, scorer, task.settings);
}

async function perturbedDataRows(
  rows: readonly InputRow[],
  judge: Scorer,
  settings: PerturbSettings,
): Promise<RowResult[]> {
  const drawn = rows.flatMap((row) => perturbedRows(row, settings));
  const results: RowResult[] = [];
  // As many at once as rows of an input: memory does not grow with their number.
  for (let at = 0; at < drawn.length; at += BATCH) {
    const some = drawn.slice(at, at + BATCH);
    const scored = (await dataRows(some.filter(isRow), judge)).values();
    for (const row of some) results.push(isRow(row) ? (scored.next().value as RowResult) : row);
  }
  return results;
}

const isRow = (row: InputRow | { skipped: SkipReason }): row is InputRow => !('skipped' in row);

async function dataRows(rows: readonly InputRow[], judge: Scorer): Promise<RowResult[]> {
  const evaluations = (await judge.evaluate(rows.flatMap((row) => ('crystal' in row ? [row.crystal] : [])))).values();
  return rows.map((row): RowResult => {
    const { file, line } = row;
    if ('error' in row) return { file, line, error: row.error };
    const evaluation = evaluations.next().value;
    try {
      if (evaluation === undefined) throw new LcomsError('LCOMS_E_INTERNAL', 'the scorer gave no answer');
      if ('code' in evaluation) throw evaluation;
      return { row: scoredRow(row, evaluation, judge.identity) };
    } catch (error) {
      const { code, message } = toRemoteError(error).record;
      return { file, line, error: { code, message } };
    }
  });
}
