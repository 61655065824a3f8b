import type { Rng } from '../../../lib/random/rng.js';
import { standardiseLatents } from '../../../lib/search/latent-space.js';
import { Adam } from '../../../lib/tensor/adam.js';
import type { NamedTensors } from '../../../lib/tensor/safetensors.js';
import type { Composition } from '../../../schemas/crystal.js';
import { LcomsError } from '../../../schemas/errors.js';
import type { SurrogateTrainingData } from '../../contract/surrogate.js';
import { Batches } from './batches.js';
import type { Position, TrainingTensors } from './checkpoint.js';
import { besideLatents, elementFractions } from './composition.js';
import { type Fitted, fit } from './fitted.js';
import { energyWeights, formationRows } from './formation.js';
import type { EpochMetrics } from './history.js';
import { EnergyNetwork, type NetworkShape } from './network.js';
import type { MlpOptions } from './options.js';
import type { Penalty } from './penalty.js';
import { meanSquaredError, predict } from './predict.js';
import { type Scale, standardiseEnergies } from './standardise.js';
import { batchGradients } from './training-step.js';

/** Training of one energy MLP, batch by batch: the network, its optimizer and where they stand. */
export class Training {
  readonly shape: NetworkShape;
  /** Of latents and energies. */
  readonly scale: Scale;
  position: Position;
  private readonly network: EnergyNetwork;
  private readonly adam: Adam;
  private readonly batches: Batches;
  /** Of the targets of the second output, eV/atom; null without one. */
  private readonly formationStd: number | null;
  private readonly validation: { z: Float32Array; energies: Float32Array };
  private order: number[][] = [];
  private best: NamedTensors | null = null;

  constructor(
    data: SurrogateTrainingData,
    private readonly options: MlpOptions,
    private readonly penalty: Penalty | null,
    rng: Rng,
    { scale, elements }: Fitted = fit(data, options),
  ) {
    this.scale = scale;
    const { dimension, compositions } = data;
    const rows = (latents: Float32Array, units: readonly Composition[] = []): Float32Array => {
      const z = standardiseLatents(latents, scale);
      if (elements === null) return z;
      return besideLatents(z, dimension, (row) => elementFractions(units[row] as Composition, elements));
    };
    const energies = standardiseEnergies(data.targets.train, scale);
    const { width, depth, slope } = options;
    this.shape = { dimension, width, depth, slope, ...(elements && { composition: elements.length }) };
    const second = formationRows(data, options);
    this.formationStd = second?.std ?? null;
    this.network = new EnergyNetwork(this.shape, rng.fork('weights'), second !== null);
    const train = rows(data.train, compositions?.train);
    this.batches = new Batches(train, energies, this.network.inputs, options.batchSize, rng.fork('batches'), second);
    this.validation = {
      z: rows(data.validation, compositions?.validation),
      energies: standardiseEnergies(data.targets.validation, scale),
    };
    this.adam = new Adam(this.network.parameters, { learningRate: options.learningRate });
    this.position = { epoch: 0, batch: 0, sums: noSums(), best: null, history: [], penalty: penalty?.state() ?? {} };
  }

  get finished(): boolean {
    return this.position.epoch >= this.options.epochs;
  }

  get batchesDone(): number {
    return this.position.epoch * this.batches.count + this.position.batch;
  }

  get batchesTotal(): number {
    return this.options.epochs * this.batches.count;
  }

  /** One batch; at the end of an epoch also the validation. Returns the epoch's metrics then, else null. */
  async advance(): Promise<Record<string, number> | null> {
    const { position } = this;
    if (this.order.length === 0) this.order = this.batches.epoch(position.epoch);
    const rows = this.order[position.batch] as number[];
    const { mse, over, formationMse } = this.trainOn(rows);
    const { squares, over: overs, rows: count, formation = 0 } = position.sums;
    const sums = {
      squares: squares + mse * rows.length,
      over: overs + over * rows.length,
      rows: count + rows.length,
      ...(this.formationStd !== null && { formation: formation + formationMse * rows.length }),
    };
    this.position = { ...position, batch: position.batch + 1, sums, penalty: this.penalty?.state() ?? {} };
    return this.position.batch === this.batches.count ? this.endEpoch() : null;
  }

  tensors(): TrainingTensors {
    return { weights: this.network.parameters.save(), adam: this.adam.state(), best: this.best };
  }

  restore(position: Position, { weights, adam, best }: TrainingTensors): void {
    this.network.parameters.load(weights);
    this.adam.load(adam);
    this.best = best;
    this.position = position;
    this.penalty?.restore(position.penalty);
    this.order = [];
  }

  /** What each finished epoch reported. */
  get history(): readonly EpochMetrics[] {
    return this.position.history;
  }

  /** Weights to keep, with the metrics of the last epoch and the epoch that was kept. */
  result(): { weights: NamedTensors; metrics: Record<string, number> } {
    const { best } = this.position;
    const { epoch: _, ...metrics } = this.history.at(-1) as EpochMetrics;
    if (this.options.keep === 'best' && this.best && best) {
      const kept = { keptEpoch: best.epoch, keptValidationMse: best.mse };
      return { weights: energyWeights(this.best), metrics: { ...metrics, ...kept } };
    }
    return {
      weights: energyWeights(this.network.parameters.save()),
      metrics: { ...metrics, keptEpoch: this.options.epochs },
    };
  }

  dispose(): void {
    this.adam.dispose();
    this.network.dispose();
  }

  private trainOn(rows: readonly number[]): { mse: number; over: number; formationMse: number } {
    const batch = this.batches.tensors(rows);
    const { gradients, mse, over, formationMse } = batchGradients(this.network, batch, this.penalty);
    this.adam.step(gradients);
    for (const tensor of [batch.z, batch.energies, batch.formation?.energies, ...gradients.values()]) tensor?.dispose();
    if (!Number.isFinite(mse + over + formationMse)) {
      throw new LcomsError(
        'LCOMS_E_RUN_FAILED',
        `training diverged in epoch ${this.position.epoch + 1}: the mean squared error of a batch is ${mse}`,
        { hint: 'Lower learningRate (or eta, the step of the adversary).' },
      );
    }
    this.penalty?.update(over);
    return { mse, over, formationMse };
  }

  private async endEpoch(): Promise<Record<string, number>> {
    const { epoch, sums, history } = this.position;
    const { energyStd } = this.scale;
    const trainMse = sums.squares / sums.rows;
    const metrics: Record<string, number> = { trainMse, trainRmse: Math.sqrt(trainMse) * energyStd };
    if (this.formationStd !== null)
      metrics['trainFormationRmse'] = Math.sqrt((sums.formation ?? 0) / sums.rows) * this.formationStd;
    let { best } = this.position;
    if (this.validation.energies.length > 0) {
      const { energies } = await predict(this.network, this.validation.z, { gradients: false });
      const mse = meanSquaredError(energies, this.validation.energies);
      Object.assign(metrics, { validationMse: mse, validationRmse: Math.sqrt(mse) * energyStd });
      if (this.options.keep === 'best' && (best === null || mse < best.mse)) {
        best = { epoch: epoch + 1, mse };
        this.best = this.network.parameters.save();
      }
    }
    if (this.penalty) Object.assign(metrics, { alpha: this.penalty.weight, over: sums.over / sums.rows });
    this.position = {
      ...this.position,
      epoch: epoch + 1,
      batch: 0,
      sums: noSums(),
      best,
      history: [...history, { epoch: epoch + 1, ...metrics }],
    };
    this.order = [];
    return metrics;
  }
}

function noSums(): Position['sums'] {
  return { squares: 0, over: 0, rows: 0 };
}
