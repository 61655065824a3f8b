import type { Rng } from '../../../lib/random/rng.js';
import type { Composition } from '../../../schemas/crystal.js';
import type { SurrogateTrainingData } from '../../contract/surrogate.js';

/** The data with as many training rows as it has, drawn with replacement; the validation rows are left as they are. */
export function bootstrapped(data: SurrogateTrainingData, rng: Rng): SurrogateTrainingData {
  const { dimension: d, targets, compositions, formation } = data;
  const rows = Array.from(targets.train, () => rng.int(targets.train.length));
  const train = new Float32Array(data.train.length);
  rows.forEach((row, i) => {
    train.set(data.train.subarray(row * d, (row + 1) * d), i * d);
  });
  const energies = Float64Array.from(rows, (row) => targets.train[row] as number);
  const units = compositions?.train ?? [];
  return {
    ...data,
    train,
    targets: { ...targets, train: energies },
    ...(formation && { formation: Float64Array.from(rows, (row) => formation[row] as number) }),
    ...(compositions && { compositions: { ...compositions, train: rows.map((row) => units[row] as Composition) } }),
  };
}
