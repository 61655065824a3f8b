import { setImmediate as nextTurn } from 'node:timers/promises';
import { Adam } from '../../../lib/tensor/adam.js';
import { divergence, guardedStep, NotFinite } from '../../../lib/tensor/guarded-step.js';
import { learningRateAt } from '../../../lib/tensor/learning-rate.js';
import { Parameters } from '../../../lib/tensor/parameters.js';
import { tf } from '../../../lib/tensor/tf.js';
import { LcomsError } from '../../../schemas/errors.js';
import type { PluginContext } from '../../contract/context.js';
import type { EncoderTrainingData, Trained } from '../../contract/encoder.js';
import { batchesPerEpoch, epochBatches } from '../../training/batches-by-size.js';
import { type BatchWork, closeEpoch, runBatches } from '../../training/run-batches.js';
import { trainingRows } from '../../training/training-rows.js';
import {
  byName,
  historyBlob,
  resumeTraining,
  saveTraining,
  type TrainingPosition,
} from '../../training/training-state.js';
import { fitLatticeScale, type LatticeScale } from './lattice-target.js';
import { type LossTerms, lossNames, lossTerms } from './loss.js';
import { MODEL_BLOB, writeModel } from './model-file.js';
import { CdvaeNetworks } from './networks.js';
import type { CdvaeOptions } from './options.js';
import { prepareCrystal } from './prepared-crystal.js';
import { seenIn } from './seen.js';
import { lossInputs, type TrainingRow } from './training-batches.js';

/** Loss terms of one batch, in the order of lossNames; with `adam`, one step of training too. */
function runBatch(
  rows: readonly TrainingRow[],
  networks: CdvaeNetworks,
  options: CdvaeOptions,
  scale: LatticeScale,
  context: PluginContext,
  label: string,
  learn: { parameters: Parameters; adam: Adam } | null,
): number[] {
  return tf.tidy(() => {
    const inputs = lossInputs(rows, options, scale, context.rng.fork(label));
    let values: number[] = [];
    const loss = (): tf.Scalar => {
      const all = lossTerms(networks, inputs, options);
      values = Array.from(tf.stack(lossNames(options).map((name) => all[name] as tf.Scalar)).dataSync());
      return all.total;
    };
    if (learn === null) loss();
    else guardedStep(learn.parameters, learn.adam, loss, options.gradientNorm);
    return values;
  });
}

const named = (
  prefix: string,
  sums: readonly number[],
  count: number,
  names: readonly (keyof LossTerms)[],
): Record<string, number> =>
  Object.fromEntries(names.map((name, k) => [`${prefix}.${name}`, (sums[k] as number) / count]));

/** Mean loss terms over the validation crystals, with the same noise at every look. */
async function validate(
  rows: readonly TrainingRow[],
  networks: CdvaeNetworks,
  options: CdvaeOptions,
  scale: LatticeScale,
  context: PluginContext,
): Promise<Record<string, number>> {
  const names = lossNames(options);
  const sums = names.map(() => 0);
  const batches = epochBatches(rows, options.batchSize, context.rng.fork('validation'));
  for (const [at, batch] of batches.entries()) {
    context.signal.throwIfAborted();
    const terms = runBatch(batch, networks, options, scale, context, `validation/${at}`, null);
    terms.forEach((x, k) => {
      sums[k] = (sums[k] as number) + x * batch.length;
    });
    await nextTurn();
  }
  return named('validation', sums, rows.length, names);
}

/**
 * Trains from nothing or goes on from the newest checkpoint; the result is the same byte for byte on the same backend.
 * Order, noise and latents' deviates of a batch come from streams named after its epoch and place.
 *
 * @throws LcomsError LCOMS_E_DATA_EMPTY without training crystals, LCOMS_E_CHECKPOINT_INCOMPATIBLE, LCOMS_E_RUN_FAILED
 *   when the loss or its gradient is NaN or infinite; the signal's reason when aborted
 */
export async function trainCdvae(
  data: EncoderTrainingData,
  options: CdvaeOptions,
  context: PluginContext,
): Promise<Trained> {
  const { train, validation } = await trainingRows(data, options, context, (c) => prepareCrystal(c, options));
  if (train.length === 0) throw new LcomsError('LCOMS_E_DATA_EMPTY', 'encoder/cdvae has no crystals to train on');
  const scale = fitLatticeScale(train.map((row) => row.crystal.target));
  const parameters = new Parameters(context.rng.fork('weights'));
  const networks = new CdvaeNetworks(parameters, options);
  const adam = new Adam(parameters, { learningRate: options.learningRate, clip: options.gradientClip });
  try {
    const position = await runEpochs({ train, validation, scale, parameters, networks, adam }, options, context);
    const seen = seenIn(train.map((row) => row.crystal.crystal.species));
    const bytes = writeModel(parameters, options, scale, seen);
    const metrics = { ...position.metrics, crystals: train.length, parameters: parameters.size, steps: position.step };
    return { blobs: [{ name: MODEL_BLOB, bytes }, historyBlob(position)], metrics: byName(metrics) };
  } finally {
    adam.dispose();
    parameters.dispose();
  }
}

interface TrainingSetup {
  train: TrainingRow[];
  validation: TrainingRow[];
  scale: LatticeScale;
  parameters: Parameters;
  networks: CdvaeNetworks;
  adam: Adam;
}

async function runEpochs(
  setup: TrainingSetup,
  options: CdvaeOptions,
  context: PluginContext,
): Promise<TrainingPosition> {
  const { train, validation, scale, parameters, networks, adam } = setup;
  const perEpoch = batchesPerEpoch(train, options.batchSize);
  const total = perEpoch * options.epochs;
  const fresh = (): number[] => lossNames(options).map(() => 0);
  let position: TrainingPosition = { step: 0, sums: fresh(), crystals: 0, metrics: {}, history: [] };
  const saved = await context.checkpoint.latest();
  if (saved !== null) ({ position } = await resumeTraining(saved, parameters, adam, options, context));
  let checkpoint = saved?.step ?? null;

  const work: BatchWork<TrainingRow> = {
    epochs: options.epochs,
    batchesPerEpoch: perEpoch,
    checkpointSeconds: options.checkpointSeconds,
    batchesOf: (epoch) => epochBatches(train, options.batchSize, context.rng.fork(`epoch/${epoch}`)),
    learn: trainOn,
    endEpoch,
    save: async () => {
      await saveTraining(context, parameters, adam, position, options);
      checkpoint = position.step;
    },
  };
  await runBatches(position, work, context);
  return position;

  function trainOn(batch: TrainingRow[], label: string): number[] {
    adam.learningRate = learningRateAt(position.step, total, options);
    try {
      return runBatch(batch, networks, options, scale, context, label, { parameters, adam });
    } catch (error) {
      throw error instanceof NotFinite ? divergence(error, position.step, batch, checkpoint) : error;
    }
  }

  async function endEpoch(epoch: number): Promise<void> {
    const last = epoch + 1 === options.epochs;
    const metrics = named('train', position.sums, position.crystals, lossNames(options));
    if (validation.length > 0 && (last || (epoch + 1) % options.validateEvery === 0))
      Object.assign(metrics, await validate(validation, networks, options, scale, context));
    closeEpoch(position, epoch, metrics, context);
  }
}
