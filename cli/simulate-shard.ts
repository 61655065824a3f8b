// A process of `lcoms data simulate`: relaxes every n-th start. Arguments come as one message, progress goes back as
// messages. It may be killed at any moment: its log is cut back to whole lines when it is opened again.
import { toRemoteError } from '../activities/compute/remote-error.js';
import { type SimulateSummary, simulate } from '../plugins/datasets/simulated/simulate.js';
import { chgnetScorer } from '../plugins/scorers/chgnet/scorer.js';
import type { ErrorRecord } from '../schemas/run.js';

export interface ShardTask {
  formulas: string[];
  startsPerFormula: number;
  seed: number;
  out: string;
  shard: { index: number; count: number };
}

export type ShardMessage =
  | { type: 'progress'; done: number; total: number }
  | { type: 'summary'; summary: SimulateSummary }
  | { type: 'error'; error: ErrorRecord };

function send(message: ShardMessage, then?: () => void): void {
  process.send?.(message, undefined, undefined, then);
}

process.on('disconnect', () => process.exit(1));
process.once('message', (task: ShardTask) => {
  void (async () => {
    try {
      const scorer = await chgnetScorer();
      const onProgress = ({ done, total }: { done: number; total: number }): void =>
        send({ type: 'progress', done, total });
      const summary = await simulate({ ...task, scorer, onProgress });
      send({ type: 'summary', summary }, () => process.exit(0));
    } catch (error) {
      send({ type: 'error', error: toRemoteError(error).record }, () => process.exit(1));
    }
  })();
});
