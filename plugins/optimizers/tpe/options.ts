import { z } from 'zod';
import { budget, useStart } from '../box-options.js';

/** Options of optimizer/tpe; defaults are those of Optuna's TPESampler. */
export const tpeOptions = z.strictObject({
  budget,
  useStart,
  startup: z
    .number()
    .int()
    .min(1)
    .max(100_000)
    .default(10)
    .describe('uniform points before the first model; hyperopt: 20, Cheng et al. (2022): 200'),
  candidates: z
    .number()
    .int()
    .min(1)
    .max(10_000)
    .default(24)
    .describe('draws from the good density per dimension, of which the best ratio is taken; hyperopt: 24'),
  split: z
    .enum(['linear', 'sqrt'])
    .default('linear')
    .describe('how many of n points are good: ceil(gamma n), or ceil(gamma sqrt(n)) as in hyperopt'),
  gamma: z
    .number()
    .positive()
    .max(1)
    .default(0.1)
    .describe('the good part; Bergstra et al. (2011): 0.15; hyperopt: 0.25 with split sqrt'),
  mostGood: z.number().int().min(1).max(10_000).default(25).describe('the good points are never more than this'),
  batch: z
    .number()
    .int()
    .min(1)
    .max(1000)
    .default(1)
    .describe('points per start that are asked at a time; those not evaluated yet count as bad (constant liar)'),
});

export type TpeOptions = z.output<typeof tpeOptions>;
