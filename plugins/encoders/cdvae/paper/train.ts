import { setImmediate as nextTurn } from 'node:timers/promises';
import { Adam } from '../../../../lib/tensor/adam.js';
import { divergence, NotFinite } from '../../../../lib/tensor/guarded-step.js';
import { Parameters } from '../../../../lib/tensor/parameters.js';
import type { NamedTensors } from '../../../../lib/tensor/safetensors.js';
import { LcomsError } from '../../../../schemas/errors.js';
import type { PluginContext } from '../../../contract/context.js';
import type { EncoderTrainingData, Trained } from '../../../contract/encoder.js';
import { type BatchWork, closeEpoch, runBatches } from '../../../training/run-batches.js';
import { trainingRows } from '../../../training/training-rows.js';
import {
  byName,
  historyBlob,
  resumeTraining,
  saveTraining,
  type TrainingPosition,
} from '../../../training/training-state.js';
import { LOSS_TERMS } from '../loss.js';
import { MODEL_BLOB } from '../model-file.js';
import { seenIn } from '../seen.js';
import { fitPaperScale } from './lattice-parameters.js';
import { writePaperModel } from './model-file.js';
import { PaperNetworks } from './networks.js';
import type { PaperOptions } from './options.js';
import { lookAtLoss, type Plateau, startPlateau } from './plateau.js';
import { preparePaperCrystal } from './prepared-crystal.js';
import { batchLoss, type Evaluation, trainingStep } from './step.js';
import { mixedBatches, type PaperRow } from './training-batches.js';

/** The learning rate's state and the best weights' loss travel with the position. */
interface PaperPosition extends TrainingPosition {
  plateau: Plateau;
  best: { epoch: number; loss: number } | null;
}

interface Setup {
  train: PaperRow[];
  validation: PaperRow[];
  evaluation: Evaluation;
  adam: Adam;
}

/**
 * Trains from nothing or goes on from the newest checkpoint; the result is the same byte for byte on the same backend.
 * The model is that of the epoch with the lowest validation loss (training loss, where there are no validation crystals),
 * which also drives the learning rate.
 *
 * @throws LcomsError LCOMS_E_DATA_EMPTY without training crystals, LCOMS_E_CHECKPOINT_INCOMPATIBLE, LCOMS_E_RUN_FAILED
 *   when the loss or its gradient is NaN or infinite; the signal's reason when aborted
 */
export async function trainPaper(
  data: EncoderTrainingData,
  options: PaperOptions,
  context: PluginContext,
): Promise<Trained> {
  const { train, validation } = await trainingRows(data, options, context, (c) => preparePaperCrystal(c, options));
  if (train.length === 0) throw new LcomsError('LCOMS_E_DATA_EMPTY', 'encoder/cdvae has no crystals to train on');
  const scale = fitPaperScale(train.map((row) => row.crystal));
  const rng = context.rng.fork('weights');
  const parameters = new Parameters(rng);
  const networks = new PaperNetworks(parameters, rng, options);
  const adam = new Adam(parameters, { learningRate: options.learningRate, clip: options.gradientClip });
  try {
    const setup = { train, validation, evaluation: { networks, parameters, scale, options }, adam };
    const { position, best } = await runEpochs(setup, options, context);
    const seen = seenIn(train.map((row) => row.crystal.species));
    const bytes = writePaperModel(best, options, scale, seen);
    const metrics = {
      ...position.metrics,
      crystals: train.length,
      parameters: parameters.size,
      steps: position.step,
      'best.epoch': position.best?.epoch as number,
      'best.loss': position.best?.loss as number,
    };
    return { blobs: [{ name: MODEL_BLOB, bytes }, historyBlob(position)], metrics: byName(metrics) };
  } finally {
    adam.dispose();
    parameters.dispose();
  }
}

const named = (prefix: string, sums: readonly number[], count: number): Record<string, number> =>
  Object.fromEntries(LOSS_TERMS.map((name, k) => [`${prefix}.${name}`, (sums[k] as number) / count]));

async function runEpochs(
  setup: Setup,
  options: PaperOptions,
  context: PluginContext,
): Promise<{ position: PaperPosition; best: NamedTensors }> {
  const { train, validation, evaluation, adam } = setup;
  const { parameters } = evaluation;
  const perEpoch = Math.ceil(train.length / options.batchSize);
  const total = perEpoch * options.epochs;
  const fresh = (): number[] => LOSS_TERMS.map(() => 0);
  let position: PaperPosition = {
    step: 0,
    sums: fresh(),
    crystals: 0,
    metrics: {},
    history: [],
    plateau: startPlateau(options),
    best: null,
  };
  let best: NamedTensors = {};
  const saved = await context.checkpoint.latest();
  if (saved !== null)
    ({ position, best } = await resumeTraining<PaperPosition>(saved, parameters, adam, options, context, ['epochs']));
  let checkpoint = saved?.step ?? null;

  const work: BatchWork<PaperRow> = {
    epochs: options.epochs,
    batchesPerEpoch: perEpoch,
    checkpointSeconds: options.checkpointSeconds,
    batchesOf: (epoch) => mixedBatches(train, options.batchSize, context.rng.fork(`epoch/${epoch}`)),
    learn: (batch, label) => {
      adam.learningRate = position.plateau.learningRate;
      return guarded(batch, label, true);
    },
    endEpoch,
    save: async () => {
      await saveTraining(context, parameters, adam, position, options, best);
      checkpoint = position.step;
    },
  };
  await runBatches(position, work, context);
  return { position, best };

  function guarded(batch: PaperRow[], label: string, learn: boolean): number[] {
    context.signal.throwIfAborted();
    try {
      const rng = context.rng.fork(label);
      return learn ? trainingStep(batch, evaluation, adam, rng) : batchLoss(batch, evaluation, rng);
    } catch (error) {
      throw error instanceof NotFinite ? divergence(error, position.step, batch, checkpoint) : error;
    }
  }

  /** Mean loss terms over the validation crystals, with the same noise at every look. */
  async function validate(): Promise<Record<string, number>> {
    const sums = fresh();
    const batches = mixedBatches(validation, options.batchSize, context.rng.fork('validation'));
    for (const [at, batch] of batches.entries()) {
      const terms = guarded(batch, `validation/${at}`, false);
      terms.forEach((x, k) => {
        sums[k] = (sums[k] as number) + x * batch.length;
      });
      context.tick({ done: position.step, total, unit: 'batches' });
      await nextTurn();
    }
    return named('validation', sums, validation.length);
  }

  async function endEpoch(epoch: number): Promise<void> {
    const look = epoch + 1 === options.epochs || (epoch + 1) % options.validateEvery === 0;
    const metrics = named('train', position.sums, position.crystals);
    if (look && validation.length > 0) Object.assign(metrics, await validate());
    const { learningRate } = position.plateau;
    if (look) {
      const loss = metrics[validation.length > 0 ? 'validation.total' : 'train.total'] as number;
      position.plateau = lookAtLoss(position.plateau, loss, options);
      if (position.best === null || loss < position.best.loss) {
        position.best = { epoch: epoch + 1, loss };
        best = parameters.save();
      }
    }
    closeEpoch(position, epoch, metrics, context, { learningRate });
  }
}
