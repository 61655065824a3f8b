import { tf } from '../../../lib/tensor/tf.js';
import { type EnergyNetwork, type ForwardPass, joinRows } from './network.js';
import type { Penalty } from './penalty.js';

export interface Batch {
  /** Standardised latents, n x d, or n x (d + m) with compositions. */
  z: tf.Tensor2D;
  /** Standardised energies, n x 1. */
  energies: tf.Tensor2D;
  /** Standardised formation energies, n x 1, of a network with a second output, and the weight of its squared error. */
  formation?: { energies: tf.Tensor2D; weight: number };
}

/** Gradients of a batch's loss by parameter, and its means before the update. The caller disposes of the gradients. */
export interface BatchGradients {
  gradients: Map<string, tf.Tensor>;
  /** Mean squared error. */
  mse: number;
  /** Mean over-estimation; 0 without a penalty. */
  over: number;
  /** Mean squared error of the second output; 0 without one. */
  formationMse: number;
}

/**
 * Gradients of mean((E - E_true)^2 + alpha (E - E+)) over all parameters; both E depend on them, the points do not. With a second
 * output F also of weight * mean((F - F_true)^2).
 */
export function batchGradients(
  network: EnergyNetwork,
  { z, energies, formation }: Batch,
  penalty: Penalty | null,
): BatchGradients {
  const measures = { mse: 0, over: 0, formationMse: 0 };
  const named = tf.tidy(() => {
    const pass = network.forward(z);
    const deltas = network.backward(pass);
    const n = z.shape[0];
    const errors = tf.sub<tf.Tensor2D>(pass.energies, energies);
    measures.mse = scalar(tf.mean(tf.square(errors)));
    const fit = tf.mul<tf.Tensor2D>(errors, 2 / n);
    const second = formation && formationGradients(network, pass, formation, measures);
    if (penalty === null) return summed(network.weightGradients(pass.inputs, deltas, fit), second);
    const below = network.forward(penalty.adversary(network, pass, deltas));
    measures.over = scalar(tf.mean(tf.sub(pass.energies, below.energies)));
    const share = penalty.weight / n;
    const gradients = network.weightGradients(
      joinRows(pass.inputs, below.inputs),
      joinRows(deltas, network.backward(below)),
      tf.concat([tf.add<tf.Tensor2D>(fit, share), tf.fill([n, 1], -share)], 0) as tf.Tensor2D,
    );
    return summed(gradients, second);
  });
  return { gradients: new Map(Object.entries(named)), ...measures };
}

/** Those of weight * mean((F - F_true)^2). */
function formationGradients(
  network: EnergyNetwork,
  pass: ForwardPass,
  { energies, weight }: NonNullable<Batch['formation']>,
  measures: { formationMse: number },
): Map<string, tf.Tensor> {
  const errors = tf.sub<tf.Tensor2D>(network.formation(pass), energies);
  measures.formationMse = scalar(tf.mean(tf.square(errors)));
  const coefficients = tf.mul<tf.Tensor2D>(errors, (2 * weight) / energies.shape[0]);
  return network.weightGradients(pass.inputs, network.backward(pass, 'formation'), coefficients, 'formation');
}

/** Gradients by name, added up where both have one. */
function summed(first: Map<string, tf.Tensor>, second?: Map<string, tf.Tensor>): Record<string, tf.Tensor> {
  const all = new Map(first);
  for (const [name, gradient] of second ?? []) {
    const other = all.get(name);
    all.set(name, other ? tf.add(other, gradient) : gradient);
  }
  return Object.fromEntries(all);
}

const scalar = (x: tf.Tensor): number => x.dataSync()[0] as number;
