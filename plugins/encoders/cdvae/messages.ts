import { tf } from '../../../lib/tensor/tf.js';
import { ANGULAR } from './graph.js';

/**
 * The geometry of C crystals of n atoms each as matrices by which messages are plain matrix products. Components stand
 * before atoms in rows, so that the messages of one kind lie together and vectors are [C, 3, n, F] throughout:
 *
 * - `scalars` [C, 9n, nR]: what scalars of (sender j, radial function r) give to (component, receiver i): a scalar,
 *   a vector (3) and a quadrupole (5);
 * - `radial` [3C, n, nR]: its first n rows, once a component of vectors: what a vector gives to a vector;
 * - `directions` [C, n, 3nR]: the next 3n rows with the component moved to the columns: what a vector gives to a scalar,
 *   the inner product with the direction (PaiNN).
 */
export interface MessageMatrices {
  crystals: number;
  n: number;
  scalars: tf.Tensor3D;
  radial: tf.Tensor3D;
  directions: tf.Tensor3D;
}

/** @param pairs basis sums of C crystals, one after the other, as {@link sumPairBasis} writes them */
export function messageMatrices(pairs: Float32Array, crystals: number, n: number, R: number): MessageMatrices {
  const columns = n * R;
  const scalars = tf.tensor3d(pairs, [crystals, ANGULAR * n, columns]);
  const [radial, directions] = tf.tidy(() => {
    const block = n * columns;
    const flat = scalars.reshape([crystals, 1, ANGULAR * block]) as tf.Tensor3D;
    const turned = tf.transpose(
      flat.slice([0, 0, block], [crystals, 1, 3 * block]).reshape([crystals, 3, n, columns]),
      [0, 2, 1, 3],
    );
    return [
      tf.tile(flat.slice([0, 0, 0], [crystals, 1, block]), [1, 3, 1]).reshape([3 * crystals, n, columns]),
      turned.reshape([crystals, n, 3 * columns]),
    ] as [tf.Tensor3D, tf.Tensor3D];
  });
  return { crystals, n, scalars, radial, directions };
}

export function disposeMessages(matrices: MessageMatrices): void {
  matrices.scalars.dispose();
  matrices.radial.dispose();
  matrices.directions.dispose();
}
