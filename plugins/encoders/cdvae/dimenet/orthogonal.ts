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
  if (rows <= columns) return orthogonaliseRows(values, rows, columns);
  const transposed = values.map((_, k) => values[(k % rows) * columns + Math.floor(k / rows)] as number);
  orthogonaliseRows(transposed, columns, rows);
  for (let k = 0; k < values.length; k++) values[(k % rows) * columns + Math.floor(k / rows)] = transposed[k] as number;
}

function orthogonaliseRows(values: Float64Array, count: number, length: number): void {
  for (let a = 0; a < count; a++) {
    const row = values.subarray(a * length, (a + 1) * length);
    for (let b = 0; b < a; b++) {
      const other = values.subarray(b * length, (b + 1) * length);
      const overlap = dot(row, other);
      for (let k = 0; k < length; k++) row[k] = (row[k] as number) - overlap * (other[k] as number);
    }
    const norm = Math.sqrt(dot(row, row));
    for (let k = 0; k < length; k++) row[k] = (row[k] as number) / norm;
  }
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let k = 0; k < a.length; k++) sum += (a[k] as number) * (b[k] as number);
  return sum;
}
