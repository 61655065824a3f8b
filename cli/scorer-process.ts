// A process that scores or relaxes: opens the scorer once, then does the batches that it is sent, one after the other.
// It keeps nothing and may be killed at any moment.
import { toRemoteError } from '../activities/compute/remote-error.js';
import type { Scorer } from '../plugins/contract/scorer.js';
import { LcomsError } from '../schemas/errors.js';
import type { ErrorRecord } from '../schemas/run.js';
import type { ScorerIdentity } from '../schemas/score.js';
import { openScorer } from './open-scorer.js';
import { perform, type ScorerTask, type TaskResults } from './scorer-tasks.js';

export type ScorerRequest = { type: 'open'; use: string | undefined; options: string | undefined } | ScorerTask;

export type ScorerReply =
  | { type: 'opened'; scorer: ScorerIdentity }
  | { type: 'done'; results: TaskResults[keyof TaskResults] }
  | { type: 'error'; error: ErrorRecord };

let scorer: Scorer | null = null;

async function answer(request: ScorerRequest): Promise<ScorerReply> {
  if (request.type === 'open') {
    scorer = await openScorer(request.use, request.options);
    return { type: 'opened', scorer: scorer.identity };
  }
  if (scorer === null) throw new LcomsError('LCOMS_E_INTERNAL', 'no scorer was opened');
  return { type: 'done', results: await perform(request, scorer) };
}

// The parent decides what an interrupt means; a terminal sends it to every process.
process.on('SIGINT', () => undefined);
process.on('disconnect', () => process.exit(1));
process.on('message', (request: ScorerRequest) => {
  answer(request).then(
    (reply) => process.send?.(reply),
    (error: unknown) => process.send?.({ type: 'error', error: toRemoteError(error).record } satisfies ScorerReply),
  );
});
