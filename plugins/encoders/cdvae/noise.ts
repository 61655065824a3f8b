import type { Rng } from '../../../lib/random/rng.js';

/** Standard deviations of the noise, A, from the largest to the smallest, in geometric steps (Song & Ermon 2019). */
export function noiseLevels(largest: number, smallest: number, count: number): Float64Array {
  if (count === 1) return Float64Array.of(largest);
  const ratio = Math.log(smallest / largest) / (count - 1);
  return Float64Array.from({ length: count }, (_, i) => largest * Math.exp(ratio * i));
}

/** A noise level as the decoder is told it: its logarithm, -1 at the smallest and 1 at the largest level. */
export function noiseCoordinate(sigma: number, largest: number, smallest: number): number {
  return largest === smallest ? 0 : (2 * Math.log(sigma / smallest)) / Math.log(largest / smallest) - 1;
}

/**
 * Takes the mean displacement out of `n` Cartesian vectors, in place. A crystal moved as a whole is the same crystal,
 * so that part of the noise can't be predicted and only adds variance.
 */
export function removeMean(vectors: Float64Array, n: number): void {
  for (let axis = 0; axis < 3; axis++) {
    let mean = 0;
    for (let i = 0; i < n; i++) mean += vectors[3 * i + axis] as number;
    mean /= n;
    for (let i = 0; i < n; i++) vectors[3 * i + axis] = (vectors[3 * i + axis] as number) - mean;
  }
}

/** 3n normal deviates with zero mean displacement. */
export function freeNoise(rng: Rng, n: number): Float64Array {
  const noise = new Float64Array(3 * n);
  rng.fillNormal(noise);
  removeMean(noise, n);
  return noise;
}
