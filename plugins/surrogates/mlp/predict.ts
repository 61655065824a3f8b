import { setImmediate } from 'node:timers/promises';
import { tf } from '../../../lib/tensor/tf.js';
import type { EnergyNetwork } from './network.js';

/** Rows in one pass: the activations of 2048 rows of width 2048 take 16 MB a layer. */
const CHUNK_ROWS = 2048;

/** Standardised energies of n standardised latents (n x d), and dE/dz (n x d) when asked; any n, in chunks. */
export async function predict(
  network: EnergyNetwork,
  z: Float32Array,
  wanted: { gradients: boolean },
): Promise<{ energies: Float32Array; gradients: Float32Array }> {
  const d = network.shape.dimension;
  const n = z.length / d;
  const energies = new Float32Array(n);
  const gradients = new Float32Array(wanted.gradients ? z.length : 0);
  for (let begin = 0; begin < n; begin += CHUNK_ROWS) {
    if (begin > 0) await setImmediate();
    const rows = Math.min(CHUNK_ROWS, n - begin);
    tf.tidy(() => {
      const pass = network.forward(tf.tensor2d(z.subarray(begin * d, (begin + rows) * d), [rows, d]));
      energies.set(pass.energies.dataSync(), begin);
      if (wanted.gradients) gradients.set(network.inputGradients(network.backward(pass)).dataSync(), begin * d);
    });
  }
  return { energies, gradients };
}

/** Mean of (a - b)^2; NaN for no rows. */
export function meanSquaredError(a: Float32Array, b: Float32Array): number {
  return a.reduce((sum, x, i) => sum + (x - (b[i] as number)) ** 2, 0) / a.length;
}
