import { setImmediate as nextTurn } from 'node:timers/promises';
import type { PluginContext } from '../contract/context.js';
import type { TrainingPosition } from './training-state.js';

/** What a training does with its batches. */
export interface BatchWork<R> {
  epochs: number;
  batchesPerEpoch: number;
  /** Least time between checkpoints. */
  checkpointSeconds: number;
  /** The batches of an epoch, counted from 0; the same however often it is asked. */
  batchesOf(epoch: number): readonly R[][];
  /** One step of training; its loss terms, in the order of the position's sums. `label` names its stream. */
  learn(batch: R[], label: string): number[];
  /** Called after the last batch of an epoch. */
  endEpoch(epoch: number): Promise<void>;
  save(): Promise<void>;
}

/** Takes a training from `position`, which it moves on, to its end, with progress and checkpoints when they are due. */
export async function runBatches<R>(
  position: TrainingPosition,
  { epochs, batchesPerEpoch, checkpointSeconds, batchesOf, learn, endEpoch, save }: BatchWork<R>,
  context: PluginContext,
): Promise<void> {
  const total = batchesPerEpoch * epochs;
  while (position.step < total) {
    const epoch = Math.floor(position.step / batchesPerEpoch);
    const batches = batchesOf(epoch);
    for (let at = position.step % batchesPerEpoch; at < batchesPerEpoch; at++) {
      context.signal.throwIfAborted();
      const batch = batches[at] as R[];
      const terms = learn(batch, `epoch/${epoch}/${at}`);
      position.sums = position.sums.map((sum, k) => sum + (terms[k] as number) * batch.length);
      position.crystals += batch.length;
      position.step += 1;
      if (at === batchesPerEpoch - 1) await endEpoch(epoch);
      context.tick({ done: position.step, total, unit: 'batches' });
      if (position.step < total && context.checkpoint.due(position.step, checkpointSeconds)) await save();
      await nextTurn();
    }
  }
}

/**
 * Puts an epoch, counted from 0, on record, and begins the sums of the next one.
 * @param metrics of the epoch; the newest of each are the training's
 * @param beside what stands with them in the learning curve alone
 */
export function closeEpoch(
  position: TrainingPosition,
  epoch: number,
  metrics: Record<string, number>,
  context: PluginContext,
  beside: Record<string, number> = {},
): void {
  const row = { step: position.step, epoch: epoch + 1, ...beside, ...metrics };
  context.report(row);
  position.history.push(row);
  position.metrics = { ...position.metrics, ...metrics };
  position.sums = position.sums.map(() => 0);
  position.crystals = 0;
}
