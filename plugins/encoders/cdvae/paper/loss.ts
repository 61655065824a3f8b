import { segmentSum } from '../../../../lib/tensor/segment.js';
import { tf } from '../../../../lib/tensor/tf.js';
import type { DimenetBatch } from '../dimenet/batch.js';
import type { GemNetBatch } from '../gemnet/batch.js';
import type { LossTerms } from '../loss.js';
import type { PaperNetworks } from './networks.js';
import type { PaperOptions } from './options.js';

/** One batch of C crystals of any sizes, A atoms in all, with everything that is drawn at random. */
export interface PaperLossInputs {
  clean: DimenetBatch;
  /** The same crystals, in their true cells, with noisy coordinates. */
  noisy: GemNetBatch;
  /** Standardised lattice numbers, [C, 6]. */
  lattice: tf.Tensor2D;
  /** Score times noise level, [A, 3]. */
  score: tf.Tensor2D;
  /** Standard normal deviates of the latent, [C, latentDimension]. */
  deviates: tf.Tensor2D;
  /** Standardised energies, [C, 1]. */
  energy: tf.Tensor2D;
}

/**
 * The loss of Xie et al. 2021 without its terms for composition and number of atoms, which are given here: divergence to
 * the standard normal (sum over dimensions), mean square of the lattice numbers, Eq. 4 (half the squared error of score
 * times level, summed over xyz, mean over the atoms of a crystal, then over crystals), and mean square of the energy.
 */
export function paperLossTerms(networks: PaperNetworks, inputs: PaperLossInputs, options: PaperOptions): LossTerms {
  const { clean, noisy } = inputs;
  const { mean, logVariance } = networks.encode(clean);
  const variance = tf.exp(logVariance);
  const latents = tf.add(mean, tf.mul(tf.exp(tf.mul(logVariance, 0.5)), inputs.deviates)) as tf.Tensor2D;

  const divergence = tf.sub(tf.add(tf.square(mean), variance), tf.add(logVariance, 1));
  const kl = tf.mul(tf.mean(tf.sum(divergence, 1)), 0.5) as tf.Scalar;

  const lattice = tf.mean(tf.square(tf.sub(networks.lattice(latents), inputs.lattice))) as tf.Scalar;

  const error = tf.square(tf.sub(networks.decoder.apply(noisy, latents), inputs.score));
  const perAtom = tf.sum(error, 1, true) as tf.Tensor2D;
  const perCrystal = tf.mul(segmentSum(perAtom, clean.crystalOf, clean.crystals), clean.shares);
  const coordinates = tf.mul(tf.mean(perCrystal), 0.5) as tf.Scalar;

  const energy = (
    networks.energy === null ? tf.scalar(0) : tf.mean(tf.square(tf.sub(networks.energy.apply(latents), inputs.energy)))
  ) as tf.Scalar;

  const total = tf.addN([
    tf.mul(kl, options.klWeight),
    tf.mul(lattice, options.latticeWeight),
    tf.mul(coordinates, options.coordinateWeight),
    tf.mul(energy, options.energyWeight),
  ]) as tf.Scalar;
  return { total, kl, lattice, coordinates, energy };
}
