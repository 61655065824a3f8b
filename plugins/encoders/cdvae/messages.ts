import { tf } from '../../../lib/tensor/tf.js';
import { ANGULAR, pairLength } from './graph.js';

/**
 * The geometry of C crystals of n atoms each as two matrices a crystal, by which messages are one matrix product:
 *
 * - `scalar` [C, 9n, nR]: from (sender j, radial function r) to (receiver i, component: scalar, vector, quadrupole);
 * - `full` [C, 9n, 4nR]: from (j, component: scalar or vector, r) to (i, component). Scalar to vector and vector to scalar
 *   go through the directions (PaiNN: the second is the inner product), scalar to scalar and vector to vector through
 *   the radial functions alone; quadrupoles come from scalars only.
 */
export interface MessageMatrices {
  crystals: number;
  n: number;
  scalar: tf.Tensor3D;
  full: tf.Tensor3D;
}

/** @param pairs C blocks of n x n x R x ANGULAR as {@link sumPairBasis} writes them */
export function messageMatrices(pairs: Float32Array, crystals: number, n: number, R: number): MessageMatrices {
  const length = pairLength(R);
  const scalar = new Float32Array(crystals * ANGULAR * n * n * R);
  const full = new Float32Array(crystals * ANGULAR * n * 4 * n * R);
  const scalarRow = n * R;
  const fullRow = 4 * n * R;
  for (let c = 0; c < crystals; c++) {
    for (let i = 0; i < n; i++) {
      const row = (c * n + i) * ANGULAR;
      for (let j = 0; j < n; j++) {
        const pair = ((c * n + i) * n + j) * length;
        for (let r = 0; r < R; r++) {
          const g = pairs[pair + ANGULAR * r] as number;
          const at = row * scalarRow + j * R + r;
          scalar[at] = g;
          // Columns of (j, component) are R apart; rows of the components follow each other.
          const to = row * fullRow + 4 * j * R + r;
          full[to] = g;
          for (let k = 1; k < ANGULAR; k++) {
            const d = pairs[pair + ANGULAR * r + k] as number;
            scalar[at + k * scalarRow] = d;
            full[to + k * fullRow] = d;
            if (k > 3) continue;
            full[to + k * R] = d;
            full[to + k * (fullRow + R)] = g;
          }
        }
      }
    }
  }
  return {
    crystals,
    n,
    scalar: tf.tensor3d(scalar, [crystals, ANGULAR * n, n * R]),
    full: tf.tensor3d(full, [crystals, ANGULAR * n, 4 * n * R]),
  };
}

export function disposeMessages(matrices: MessageMatrices): void {
  matrices.scalar.dispose();
  matrices.full.dispose();
}
