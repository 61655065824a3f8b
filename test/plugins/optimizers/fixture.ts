import { readFileSync } from 'node:fs';

interface Fixture {
  normal: { z: number[]; logCdf: number[]; cdf: number[] };
  improvement: { mean: number; std: number; best: number; ei: number }[];
  gaussianProcess: {
    lengths: number[];
    noise: number;
    x: number[];
    y: number[];
    at: number[];
    mean: number[];
    std: number[];
    logLikelihood: number;
  }[];
  parzen: { observations: number[]; at: number[]; logDensity: number[] }[];
  cma: {
    d: number;
    population: number;
    generations: { x: number[]; values: number[] }[];
    mean: number[];
    sigma: number;
    covariance: number[];
  }[];
  functions: { name: string; x: number[]; value: number }[];
  eigen: { matrix: number[]; values: number[] };
}

/** What scipy, scikit-learn, Optuna and cmaes give: made by test/fixtures/make/optimizers.py, versions inside. */
export const fixture = JSON.parse(
  readFileSync(new URL('../../fixtures/optimizers.json', import.meta.url), 'utf8'),
) as Fixture;

/** Largest difference of two lists of numbers, relative to the larger of 1 and the second. */
export function difference(a: ArrayLike<number>, b: ArrayLike<number>): number {
  if (a.length !== b.length) return Number.POSITIVE_INFINITY;
  return Math.max(...Array.from(a, (x, i) => Math.abs(x - (b[i] as number)) / Math.max(1, Math.abs(b[i] as number))));
}
