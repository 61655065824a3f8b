// A process of `lcoms data score`: opens the scorer once, then scores the batches that it is sent, one after the other.
// It keeps nothing and may be killed at any moment.
import { toRemoteError } from '../activities/compute/remote-error.js';
import { scoredRow } from '../lib/scoring/scored-row.js';
import type { Scorer } from '../plugins/contract/scorer.js';
import { LcomsError } from '../schemas/errors.js';
import type { ErrorRecord } from '../schemas/run.js';
import type { ScorerIdentity } from '../schemas/score.js';
import { openScorer } from './open-scorer.js';
import type { InputRow, RowResult } from './score-batch.js';

export type ScoreRequest =
  | { type: 'open'; use: string | undefined; options: string | undefined }
  | { type: 'score'; rows: InputRow[] };

export type ScoreReply =
  | { type: 'opened'; scorer: ScorerIdentity }
  | { type: 'scored'; results: RowResult[] }
  | { type: 'error'; error: ErrorRecord };

let scorer: Scorer | null = null;

async function answer(request: ScoreRequest): Promise<ScoreReply> {
  if (request.type === 'open') {
    scorer = await openScorer(request.use, request.options);
    return { type: 'opened', scorer: scorer.identity };
  }
  if (scorer === null) throw new LcomsError('LCOMS_E_INTERNAL', 'no scorer was opened');
  return { type: 'scored', results: await scoreRows(request.rows, scorer) };
}

async function scoreRows(rows: readonly InputRow[], judge: Scorer): Promise<RowResult[]> {
  const evaluations = (await judge.evaluate(rows.flatMap((row) => ('crystal' in row ? [row.crystal] : [])))).values();
  return rows.map((row): RowResult => {
    if ('error' in row) return row;
    const { file, line, id, crystal } = row;
    const evaluation = evaluations.next().value;
    try {
      if (evaluation === undefined) throw new LcomsError('LCOMS_E_INTERNAL', 'the scorer gave no answer');
      if ('code' in evaluation) throw evaluation;
      return { row: scoredRow(id, crystal, evaluation, judge.identity) };
    } catch (error) {
      const { code, message } = toRemoteError(error).record;
      return { file, line, error: { code, message } };
    }
  });
}

// The parent decides what an interrupt means; a terminal sends it to every process.
process.on('SIGINT', () => undefined);
process.on('disconnect', () => process.exit(1));
process.on('message', (request: ScoreRequest) => {
  answer(request).then(
    (reply) => process.send?.(reply),
    (error: unknown) => process.send?.({ type: 'error', error: toRemoteError(error).record } satisfies ScoreReply),
  );
});
