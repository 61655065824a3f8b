import type { Rng } from '../../../lib/random/rng.js';
import type { SurrogateTrainingData } from '../../contract/surrogate.js';

/** The data with as many training rows as it has, drawn with replacement; the validation rows are left as they are. */
export function bootstrapped(data: SurrogateTrainingData, rng: Rng): SurrogateTrainingData {
  const { dimension: d, targets } = data;
  const rows = Array.from(targets.train, () => rng.int(targets.train.length));
  const train = new Float32Array(data.train.length);
  rows.forEach((row, i) => {
    train.set(data.train.subarray(row * d, (row + 1) * d), i * d);
  });
  const energies = Float64Array.from(rows, (row) => targets.train[row] as number);
  return { ...data, train, targets: { ...targets, train: energies } };
}
