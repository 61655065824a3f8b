import { toRemoteError } from '../activities/compute/remote-error.js';
import type { RelaxationStep } from '../lib/relax/relax.js';
import { scoredRow } from '../lib/scoring/scored-row.js';
import type { Scorer } from '../plugins/contract/scorer.js';
import { LcomsError } from '../schemas/errors.js';
import type { InputRow } from './crystal-batches.js';
import { type RelaxedLine, type RelaxSettings, relaxLines } from './relax-lines.js';
import { type ScoredLine, scoreLines } from './score-lines.js';

/** What a process with a scorer is asked to do with a batch of rows. One result a row, in order. */
export type ScorerTask =
  | { type: 'score'; rows: InputRow[] }
  | { type: 'relax'; rows: InputRow[]; settings: RelaxSettings }
  | { type: 'data-row'; rows: InputRow[] };

export interface TaskResults {
  score: ScoredLine[];
  relax: RelaxedLine[];
  'data-row': RowResult[];
}

/** A row of a data set, or why it is left out. */
export type RowResult =
  | { row: ReturnType<typeof scoredRow> }
  | { file: string; line: number; error: { code: string; message: string } };

export async function perform(
  task: ScorerTask,
  scorer: Scorer,
  signal?: AbortSignal,
  onStep?: (step: RelaxationStep) => void,
): Promise<TaskResults[keyof TaskResults]> {
  if (task.type === 'score') return await scoreLines(task.rows, scorer);
  if (task.type === 'relax') return await relaxLines(task.rows, scorer, task.settings, signal, onStep);
  return await dataRows(task.rows, scorer);
}

async function dataRows(rows: readonly InputRow[], judge: Scorer): Promise<RowResult[]> {
  const evaluations = (await judge.evaluate(rows.flatMap((row) => ('crystal' in row ? [row.crystal] : [])))).values();
  return rows.map((row): RowResult => {
    const { file, line } = row;
    if ('error' in row) return { file, line, error: row.error };
    const evaluation = evaluations.next().value;
    try {
      if (evaluation === undefined) throw new LcomsError('LCOMS_E_INTERNAL', 'the scorer gave no answer');
      if ('code' in evaluation) throw evaluation;
      return { row: scoredRow(row.id, row.crystal, evaluation, judge.identity) };
    } catch (error) {
      const { code, message } = toRemoteError(error).record;
      return { file, line, error: { code, message } };
    }
  });
}
