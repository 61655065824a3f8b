import { z } from 'zod';
import { budget, useStart } from '../box-options.js';

/** Options of optimizer/cma-es; defaults are those of Hansen's tutorial. */
export const cmaEsOptions = z.strictObject({
  budget,
  useStart: useStart.describe(
    'the distribution begins at the start, which is the first point evaluated; false: at a uniform point',
  ),
  population: z
    .union([z.literal('auto'), z.number().int().min(2).max(100_000)])
    .default('auto')
    .describe('lambda; auto: 4 + floor(3 ln d). Doubled at each restart'),
  sigma: z.number().positive().max(1).default(0.3).describe('first step size, as part of the width of the box'),
  covariance: z
    .enum(['auto', 'full', 'diagonal'])
    .default('auto')
    .describe('diagonal: sep-CMA-ES, which learns d variances only; auto: full up to 32 dimensions, diagonal above'),
});

export type CmaEsOptions = z.output<typeof cmaEsOptions>;
