import { Adam } from '../../../lib/tensor/adam.js';
import { divergence, guardedStep, NotFinite } from '../../../lib/tensor/guarded-step.js';
import { learningRateAt } from '../../../lib/tensor/learning-rate.js';
import { Parameters } from '../../../lib/tensor/parameters.js';
import type { NamedTensors } from '../../../lib/tensor/safetensors.js';
import { tf } from '../../../lib/tensor/tf.js';
import type { PluginContext } from '../../contract/context.js';
import type { Trained } from '../../contract/encoder.js';
import type { StructureTrainingData } from '../../contract/surrogate.js';
import { batchesPerEpoch, epochBatches } from '../../training/batches-by-size.js';
import { type BatchWork, closeEpoch, runBatches } from '../../training/run-batches.js';
import {
  byName,
  historyBlob,
  resumeTraining,
  saveTraining,
  type TrainingPosition,
} from '../../training/training-state.js';
import { writeModel } from './model-file.js';
import { GraphNetwork, graphBatch } from './network.js';
import type { GraphNetworkOptions } from './options.js';
import { predict } from './predict.js';
import { type EnergyRow, type Rows, trainingData } from './training-data.js';

/** The sums of a position are those of loss and absolute error. */
interface Position extends TrainingPosition {
  /** The epoch of least validation error so far and its mean absolute error, eV/atom. */
  best: { epoch: number; mae: number } | null;
}

interface Setup {
  rows: Rows;
  parameters: Parameters;
  network: GraphNetwork;
  adam: Adam;
}

/**
 * Trains from nothing, or goes on from the newest checkpoint with the same bytes as if it had not stopped. Reports once an
 * epoch: train.loss (standardised), train.mae and, when it looks, validation.mae and validation.rmse (eV/atom).
 *
 * @throws LcomsError LCOMS_E_DATA_EMPTY, LCOMS_E_INPUT and LCOMS_E_ELEMENT_UNKNOWN for data that can't be learned from,
 *   LCOMS_E_CHECKPOINT_INCOMPATIBLE, LCOMS_E_RUN_FAILED when the loss or its gradient is NaN or infinite; the signal's
 *   reason when aborted
 */
export async function trainGraphNetwork(
  data: StructureTrainingData,
  options: GraphNetworkOptions,
  context: PluginContext,
): Promise<Trained> {
  const rows = await trainingData(data, options, context);
  const parameters = new Parameters(context.rng.fork('weights'));
  const network = new GraphNetwork(parameters, options);
  const adam = new Adam(parameters, { learningRate: options.learningRate });
  try {
    const { position, best } = await runEpochs({ rows, parameters, network, adam }, options, context);
    const { width, blocks, cutoff, radialFunctions, envelopeExponent } = options;
    const shape = { width, blocks, cutoff, radialFunctions, envelopeExponent };
    const { energyMean, energyStd, elements } = rows;
    const model = writeModel(best, { options: shape, energyMean, energyStd, elements });
    const kept = position.best ? { 'kept.epoch': position.best.epoch, 'kept.validation.mae': position.best.mae } : {};
    const metrics = {
      ...position.metrics,
      ...kept,
      crystals: rows.train.length,
      parameters: parameters.size,
      steps: position.step,
    };
    return { blobs: [model, historyBlob(position)], metrics: byName(metrics) };
  } finally {
    adam.dispose();
    parameters.dispose();
  }
}

async function runEpochs(
  { rows, parameters, network, adam }: Setup,
  options: GraphNetworkOptions,
  context: PluginContext,
): Promise<{ position: Position; best: NamedTensors }> {
  const { train, validation, energyStd } = rows;
  const { checkpointSeconds, ...others } = options;
  const identity = { ...others, rows: train.length, validationRows: validation.length };
  const perEpoch = batchesPerEpoch(train, options.batchSize);
  const total = perEpoch * options.epochs;
  let position: Position = { step: 0, sums: [0, 0], crystals: 0, metrics: {}, history: [], best: null };
  let best: NamedTensors = {};
  const saved = await context.checkpoint.latest();
  if (saved !== null) ({ position, best } = await resumeTraining<Position>(saved, parameters, adam, identity, context));
  let checkpoint = saved?.step ?? null;

  const work: BatchWork<EnergyRow> = {
    epochs: options.epochs,
    batchesPerEpoch: perEpoch,
    checkpointSeconds,
    batchesOf: (epoch) => epochBatches(train, options.batchSize, context.rng.fork(`epoch/${epoch}`)),
    learn: trainOn,
    endEpoch,
    save: async () => {
      await saveTraining(context, parameters, adam, position, identity, best);
      checkpoint = position.step;
    },
  };
  await runBatches(position, work, context);
  return { position, best: position.best === null ? parameters.save() : best };

  function trainOn(batch: EnergyRow[]): [loss: number, error: number] {
    adam.learningRate = learningRateAt(position.step, total, options);
    try {
      return trainingStep(batch, network, parameters, adam, options);
    } catch (error) {
      throw error instanceof NotFinite ? divergence(error, position.step, batch, checkpoint) : error;
    }
  }

  async function endEpoch(epoch: number): Promise<void> {
    const [loss, error] = position.sums.map((sum) => sum / position.crystals) as [number, number];
    const metrics: Record<string, number> = { 'train.loss': loss, 'train.mae': error * energyStd };
    const look = epoch + 1 === options.epochs || (epoch + 1) % options.validateEvery === 0;
    if (look && validation.length > 0) {
      Object.assign(metrics, await validate());
      const mae = metrics['validation.mae'] as number;
      if (options.keep === 'best' && (position.best === null || mae < position.best.mae)) {
        position.best = { epoch: epoch + 1, mae };
        best = parameters.save();
      }
    }
    closeEpoch(position, epoch, metrics, context, { learningRate: adam.learningRate });
  }

  async function validate(): Promise<Record<string, number>> {
    const graphs = validation.map(({ crystal }) => crystal);
    const found = await predict(network, graphs, options.radialFunctions, context.signal);
    const errors = found.map((e, i) => energyStd * (e - (validation[i] as EnergyRow).energy));
    return {
      'validation.mae': errors.reduce((sum, e) => sum + Math.abs(e), 0) / errors.length,
      'validation.rmse': Math.sqrt(errors.reduce((sum, e) => sum + e * e, 0) / errors.length),
    };
  }
}

/** One step of Adam. Loss and mean absolute error of the batch before it, in standard deviations. */
function trainingStep(
  rows: readonly EnergyRow[],
  network: GraphNetwork,
  parameters: Parameters,
  adam: Adam,
  { radialFunctions, huberDelta }: GraphNetworkOptions,
): [loss: number, error: number] {
  return tf.tidy(() => {
    const batch = graphBatch(
      rows.map(({ crystal }) => crystal),
      radialFunctions,
    );
    const energies = tf.tensor2d(
      rows.map(({ energy }) => energy),
      [rows.length, 1],
    );
    let terms: [number, number] = [0, 0];
    const loss = (): tf.Scalar => {
      const errors = tf.abs(tf.sub(network.apply(batch), energies));
      const value = huber(errors as tf.Tensor2D, huberDelta);
      terms = Array.from(tf.stack([value, tf.mean(errors)]).dataSync()) as [number, number];
      return value;
    };
    guardedStep(parameters, adam, loss);
    return terms;
  });
}

/** Mean over absolute errors a of a^2 / (2 delta) up to delta and a - delta/2 from there on. */
function huber(errors: tf.Tensor2D, delta: number): tf.Scalar {
  const near = tf.minimum(errors, delta);
  return tf.mean(tf.div(tf.mul(near, tf.sub(errors, tf.mul(near, 0.5))), delta)) as tf.Scalar;
}
