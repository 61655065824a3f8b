import { setImmediate } from 'node:timers/promises';
import { LcomsError } from '../../../schemas/errors.js';
import type { PluginContext } from '../../contract/context.js';
import type { Trained } from '../../contract/encoder.js';
import type { SurrogateTrainingData } from '../../contract/surrogate.js';
import { loadCheckpoint, saveCheckpoint, type TrainingIdentity } from './checkpoint.js';
import { withoutUnseen } from './composition.js';
import { type Fitted, fit } from './fitted.js';
import { historyBlob } from './history.js';
import type { MlpOptions } from './options.js';
import type { Penalty } from './penalty.js';
import { Training } from './training.js';
import { writeWeights } from './weights-file.js';

/** Milliseconds between signs of life. */
const TICK_MS = 250;

/**
 * Trains an energy MLP, or goes on from the newest checkpoint with the same bytes as if it had not stopped. Reports
 * once an epoch: trainMse, validationMse (standardised), trainRmse, validationRmse (eV/atom) and, with a penalty,
 * alpha and over (mean over-estimation, standard deviations). Train errors are means over the epoch's batches, each
 * before its update. The same numbers are kept as the learning curve (HISTORY_BLOB).
 *
 * @param identity options that a checkpoint must agree with, beside the size of the data
 * @param fitted scale and elements; those of the training rows unless given
 * @throws LcomsError as fitScale and loadCheckpoint; LCOMS_E_INPUT for `keep: best` without validation rows; the reason
 * of the signal when it is aborted.
 */
export async function trainEnergyModel(
  given: SurrogateTrainingData,
  options: MlpOptions,
  penalty: Penalty | null,
  identity: TrainingIdentity,
  context: PluginContext,
  fitted: Fitted = fit(given, options),
): Promise<Trained> {
  const { elements } = fitted;
  const data = elements === null ? given : withoutUnseen(given, elements);
  const left = given.targets.validation.length - data.targets.validation.length;
  if (left > 0) context.log.warn(`${left} validation rows left out: no training row has all of their elements`);
  if (options.keep === 'best' && data.targets.validation.length === 0) {
    throw new LcomsError('LCOMS_E_INPUT', 'keep: best needs validation rows; there are none', {
      hint: 'Use keep: last, or give the data a validation split.',
    });
  }
  const { dimension, targets } = data;
  const whole = { ...identity, dimension, rows: targets.train.length, validationRows: targets.validation.length };
  const training = new Training(data, options, penalty, context.rng, fitted);
  try {
    const saved = await loadCheckpoint(context.checkpoint, whole, options.epochs);
    if (saved) training.restore(saved.position, saved.tensors);
    await run(training, options, whole, context);
    const { weights, metrics } = training.result();
    const file = writeWeights(weights, training.shape, training.scale, elements);
    return { blobs: [file, historyBlob(training.history)], metrics };
  } finally {
    training.dispose();
  }
}

async function run(
  training: Training,
  options: MlpOptions,
  identity: TrainingIdentity,
  context: PluginContext,
): Promise<void> {
  let ticked = Number.NEGATIVE_INFINITY;
  while (!training.finished) {
    // Lets the signal, heartbeats and other work of the process in.
    await setImmediate();
    context.signal.throwIfAborted();
    const metrics = await training.advance();
    if (metrics) context.report({ step: training.position.epoch, ...metrics });
    const now = performance.now();
    if (now - ticked >= TICK_MS || training.finished) {
      context.tick({ done: training.batchesDone, total: training.batchesTotal, unit: 'batches' });
      ticked = now;
    }
    if (!training.finished && context.checkpoint.due(training.batchesDone, options.checkpointSeconds)) {
      await saveCheckpoint(context.checkpoint, training.batchesDone, identity, training.position, training.tensors());
    }
  }
}
