import type { Rng } from '../../../../lib/random/rng.js';

/** Rows of standard normal deviates made orthonormal one after the other: rows <= columns. */
function orthonormalRows(rng: Rng, rows: number, columns: number): Float64Array {
  const q = new Float64Array(rows * columns);
  rng.fillNormal(q);
  for (let i = 0; i < rows; i++) {
    const row = q.subarray(i * columns, (i + 1) * columns);
    for (let j = 0; j < i; j++) {
      const other = q.subarray(j * columns, (j + 1) * columns);
      let dot = 0;
      for (let k = 0; k < columns; k++) dot += (row[k] as number) * (other[k] as number);
      for (let k = 0; k < columns; k++) row[k] = (row[k] as number) - dot * (other[k] as number);
    }
    const length = Math.hypot(...row);
    for (let k = 0; k < columns; k++) row[k] = (row[k] as number) / length;
  }
  return q;
}

/**
 * The "He orthogonal" start of GemNet: a random (semi-)orthogonal matrix, every output's weights then brought to mean 0
 * and variance 1/inputs.
 * @returns [inputs, outputs]
 */
export function heOrthogonal(rng: Rng, inputs: number, outputs: number): Float32Array {
  const wide = inputs <= outputs;
  const q = orthonormalRows(rng, Math.min(inputs, outputs), Math.max(inputs, outputs));
  const weights = new Float32Array(inputs * outputs);
  for (let o = 0; o < outputs; o++) {
    const at = (i: number): number => q[wide ? i * outputs + o : o * inputs + i] as number;
    let mean = 0;
    for (let i = 0; i < inputs; i++) mean += at(i) / inputs;
    let variance = 0;
    for (let i = 0; i < inputs; i++) variance += (at(i) - mean) ** 2 / Math.max(1, inputs - 1);
    const scale = 1 / Math.sqrt((variance + 1e-6) * inputs);
    for (let i = 0; i < inputs; i++) weights[i * outputs + o] = (at(i) - mean) * scale;
  }
  return weights;
}
