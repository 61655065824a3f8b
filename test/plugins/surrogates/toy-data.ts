import { Rng } from '../../../lib/random/rng.js';
import type { SurrogateTrainingData } from '../../../plugins/contract/surrogate.js';

/**
 * Latents of unequal means and spreads; energies of a bowl, eV/atom, whose minimum lies `offset` beside their middle in
 * every dimension.
 */
export function bowl(options: { rows: number; dimension: number; offset?: number }): SurrogateTrainingData {
  const { rows, dimension: d, offset = 0 } = options;
  const rng = Rng.from('bowl');
  const split = (n: number) => {
    const latents = Float32Array.from({ length: n * d }, (_, at) => (at % d) - 1 + (1 + (at % d) / d) * rng.normal());
    const energies = Float64Array.from({ length: n }, (_, i) => {
      const row = latents.subarray(i * d, (i + 1) * d);
      return row.reduce((sum, x, j) => sum + (x - j + 1 - offset) ** 2, 0) / d - 2;
    });
    return { latents, energies };
  };
  const train = split(rows);
  const validation = split(Math.ceil(rows / 4));
  return {
    dimension: d,
    train: train.latents,
    validation: validation.latents,
    targets: { train: train.energies, validation: validation.energies },
  };
}
