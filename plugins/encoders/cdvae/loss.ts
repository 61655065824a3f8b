import { tf } from '../../../lib/tensor/tf.js';
import type { CrystalBatch } from './encoder.js';
import type { CdvaeNetworks } from './networks.js';
import type { CdvaeOptions } from './options.js';

/** One batch of C crystals of n atoms with everything that is drawn at random, so the loss is a function of weights. */
export interface LossInputs {
  /** The crystals as they are. */
  clean: CrystalBatch;
  /** The same crystals with noisy coordinates and, with `lattice: diffused`, in noisy cells. */
  noisy: CrystalBatch;
  /** Mean element features, [C, ELEMENT_FEATURES]. */
  composition: tf.Tensor2D;
  /** [C, 1]. */
  noise: tf.Tensor2D;
  /** Score times noise level, [C n, 3]. */
  score: tf.Tensor2D;
  /** Coefficients of the denoised lattice numbers, [C, 1] each (see denoising); null where lattices are regressed. */
  denoising: { skip: tf.Tensor2D; gain: tf.Tensor2D } | null;
  /** Standard normal deviates of the latent, [C, latentDimension]. */
  deviates: tf.Tensor2D;
  /** Standardised energies, [C, 1]. */
  energy: tf.Tensor2D;
}

/**
 * Terms before weighting: means over the batch. `kl` in nats, `coordinates` per atom, the rest mean squares. `cell` is that
 * of the denoised lattice numbers, where they are diffused.
 */
export interface LossTerms {
  total: tf.Scalar;
  kl: tf.Scalar;
  lattice: tf.Scalar;
  coordinates: tf.Scalar;
  energy: tf.Scalar;
  cell?: tf.Scalar;
}

/** Names of {@link LossTerms} in the order of reports. */
export const LOSS_TERMS = ['total', 'kl', 'lattice', 'coordinates', 'energy'] as const;

/** Names of the terms that these options have, in the order of reports. */
export const lossNames = (options: Pick<CdvaeOptions, 'lattice'>): readonly (keyof LossTerms)[] =>
  options.lattice === 'diffused' ? [...LOSS_TERMS, 'cell'] : LOSS_TERMS;

/**
 * The loss of CDVAE (Xie et al. 2021) without its terms for composition and number of atoms, which are given here:
 * Kullback-Leibler divergence to the standard normal (sum over dimensions), mean square of the lattice numbers, denoising
 * score matching (half the squared error of score times level, summed over xyz), and mean square of the energy. Where the
 * lattice is diffused, the denoised lattice numbers count as the regressed ones do.
 */
export function lossTerms(networks: CdvaeNetworks, inputs: LossInputs, options: CdvaeOptions): LossTerms {
  const { mean, logVariance } = networks.encoder.apply(inputs.clean);
  const variance = tf.exp(logVariance);
  const latents = tf.add(mean, tf.mul(tf.sqrt(variance), inputs.deviates)) as tf.Tensor2D;

  const divergence = tf.sub(tf.add(tf.square(mean), variance), tf.add(logVariance, 1));
  const kl = tf.mul(tf.mean(tf.sum(divergence, 1)), 0.5) as tf.Scalar;

  const regressed = networks.lattice.apply(latents, inputs.composition);
  const lattice = tf.mean(tf.square(tf.sub(regressed, inputs.clean.lattice))) as tf.Scalar;

  const { score, lattice: output } = networks.decoder.apply(inputs.noisy, latents, inputs.noise);
  // Half of the sum over three axes: 1.5 times the mean over all numbers.
  const coordinates = tf.mul(tf.mean(tf.square(tf.sub(score, inputs.score))), 1.5) as tf.Scalar;

  const energy = (
    networks.energy === null ? tf.scalar(0) : tf.mean(tf.square(tf.sub(networks.energy.apply(latents), inputs.energy)))
  ) as tf.Scalar;

  const cell = output && inputs.denoising && cellLoss(output, regressed, inputs, inputs.denoising);

  const total = tf.addN([
    tf.mul(kl, options.klWeight),
    tf.mul(lattice, options.latticeWeight),
    tf.mul(coordinates, options.coordinateWeight),
    tf.mul(energy, options.energyWeight),
    ...(cell === null ? [] : [tf.mul(cell, options.latticeWeight)]),
  ]) as tf.Scalar;
  return { total, kl, lattice, coordinates, energy, ...(cell !== null && { cell }) };
}

/** Mean square of the denoised lattice numbers' errors. */
function cellLoss(
  output: tf.Tensor2D,
  regressed: tf.Tensor2D,
  { noisy, clean }: LossInputs,
  { skip, gain }: NonNullable<LossInputs['denoising']>,
): tf.Scalar {
  const between = tf.add(regressed, tf.mul(skip, tf.sub(noisy.lattice, regressed)));
  return tf.mean(tf.square(tf.sub(tf.add(between, tf.mul(gain, output)), clean.lattice))) as tf.Scalar;
}
