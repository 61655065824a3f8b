import { tf } from '../../../lib/tensor/tf.js';
import { type EnergyNetwork, joinRows } from './network.js';
import type { Penalty } from './penalty.js';

export interface Batch {
  /** Standardised latents, n x d, or n x (d + m) with compositions. */
  z: tf.Tensor2D;
  /** Standardised energies, n x 1. */
  energies: tf.Tensor2D;
}

/** Gradients of a batch's loss by parameter, and its means before the update. The caller disposes of the gradients. */
export interface BatchGradients {
  gradients: Map<string, tf.Tensor>;
  /** Mean squared error. */
  mse: number;
  /** Mean over-estimation; 0 without a penalty. */
  over: number;
}

/** Gradients of mean((E - E_true)^2 + alpha (E - E+)) over all parameters; both E depend on them, the points do not. */
export function batchGradients(
  network: EnergyNetwork,
  { z, energies }: Batch,
  penalty: Penalty | null,
): BatchGradients {
  const measures = { mse: 0, over: 0 };
  const named = tf.tidy(() => {
    const pass = network.forward(z);
    const deltas = network.backward(pass);
    const n = z.shape[0];
    const errors = tf.sub<tf.Tensor2D>(pass.energies, energies);
    measures.mse = scalar(tf.mean(tf.square(errors)));
    const fit = tf.mul<tf.Tensor2D>(errors, 2 / n);
    if (penalty === null) return Object.fromEntries(network.weightGradients(pass.inputs, deltas, fit));
    const below = network.forward(penalty.adversary(network, pass, deltas));
    measures.over = scalar(tf.mean(tf.sub(pass.energies, below.energies)));
    const share = penalty.weight / n;
    const gradients = network.weightGradients(
      joinRows(pass.inputs, below.inputs),
      joinRows(deltas, network.backward(below)),
      tf.concat([tf.add<tf.Tensor2D>(fit, share), tf.fill([n, 1], -share)], 0) as tf.Tensor2D,
    );
    return Object.fromEntries(gradients);
  });
  return { gradients: new Map(Object.entries(named)), ...measures };
}

const scalar = (x: tf.Tensor): number => x.dataSync()[0] as number;
