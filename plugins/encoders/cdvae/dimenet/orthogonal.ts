import type { Dense } from '../../../../lib/tensor/linear.js';
import type { Parameters } from '../../../../lib/tensor/parameters.js';
import { tf } from '../../../../lib/tensor/tf.js';

/**
 * A dense layer as DimeNet starts it: an orthogonal matrix, scaled to the variance 2 / (in + out) of Glorot and Bengio;
 * bias zero. The draw that is made orthogonal is a uniform one.
 */
export function orthogonalDense(
  parameters: Parameters,
  name: string,
  inputs: number,
  outputs: number,
  options: { bias?: boolean } = {},
): Dense {
  const dense = parameters.dense(name, inputs, outputs, { ...options, init: 'glorot' });
  const values = Float64Array.from(dense.weight.dataSync());
  orthogonalise(values, inputs, outputs);
  const mean = values.reduce((sum, v) => sum + v, 0) / values.length;
  const variance = values.reduce((sum, v) => sum + (v - mean) ** 2, 0) / (values.length - 1);
  const scale = Math.sqrt(2 / ((inputs + outputs) * variance));
  const start = tf.tensor2d(
    Float32Array.from(values, (v) => v * scale),
    [inputs, outputs],
  );
  dense.weight.assign(start);
  start.dispose();
  return dense;
}

/** Gram-Schmidt on the rows or columns of a rows x columns matrix, whichever are fewer: they become orthonormal. */
export function orthogonalise(values: Float64Array, rows: number, columns: number): void {
  const byRow = rows <= columns;
  const [count, length] = byRow ? [rows, columns] : [columns, rows];
  const at = (vector: number, k: number): number => (byRow ? vector * columns + k : k * columns + vector);
  const dot = (a: number, b: number): number => {
    let sum = 0;
    for (let k = 0; k < length; k++) sum += (values[at(a, k)] as number) * (values[at(b, k)] as number);
    return sum;
  };
  for (let a = 0; a < count; a++) {
    // Twice: once leaves a remainder of rounding when vectors are nearly parallel.
    for (let pass = 0; pass < 2; pass++)
      for (let b = 0; b < a; b++) {
        const overlap = dot(a, b);
        for (let k = 0; k < length; k++)
          values[at(a, k)] = (values[at(a, k)] as number) - overlap * (values[at(b, k)] as number);
      }
    const norm = Math.sqrt(dot(a, a));
    for (let k = 0; k < length; k++) values[at(a, k)] = (values[at(a, k)] as number) / norm;
  }
}
