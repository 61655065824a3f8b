import { setImmediate } from 'node:timers/promises';
import { tf } from '../../../lib/tensor/tf.js';
import type { EnergyNetwork } from './network.js';

/** Rows in one pass: the activations of 2048 rows of width 2048 take 16 MB a layer. */
const CHUNK_ROWS = 2048;

/**
 * Standardised energies of n input rows (standardised latents, n x d, each with its composition where the network takes one:
 * n x (d + m)), and dE/dz with respect to the latent (n x d) when asked; any n, in chunks.
 */
export async function predict(
  network: EnergyNetwork,
  rows: Float32Array,
  wanted: { gradients: boolean },
): Promise<{ energies: Float32Array; gradients: Float32Array }> {
  const { inputs } = network;
  const d = network.shape.dimension;
  const n = rows.length / inputs;
  const energies = new Float32Array(n);
  const gradients = new Float32Array(wanted.gradients ? n * d : 0);
  for (let begin = 0; begin < n; begin += CHUNK_ROWS) {
    if (begin > 0) await setImmediate();
    const count = Math.min(CHUNK_ROWS, n - begin);
    tf.tidy(() => {
      const pass = network.forward(
        tf.tensor2d(rows.subarray(begin * inputs, (begin + count) * inputs), [count, inputs]),
      );
      energies.set(pass.energies.dataSync(), begin);
      if (wanted.gradients) gradients.set(network.latentGradients(network.backward(pass)).dataSync(), begin * d);
    });
  }
  return { energies, gradients };
}

/** Mean of (a - b)^2; NaN for no rows. */
export function meanSquaredError(a: Float32Array, b: Float32Array): number {
  return a.reduce((sum, x, i) => sum + (x - (b[i] as number)) ** 2, 0) / a.length;
}
