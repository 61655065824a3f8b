import { z } from 'zod';
import { budget, useStart } from '../box-options.js';

/** Options of optimizer/gp-ei. */
export const gpEiOptions = z.strictObject({
  budget,
  useStart,
  startup: z
    .number()
    .int()
    .min(1)
    .max(10_000)
    .default(10)
    .describe('points of a Latin hypercube before the first model; scikit-optimize: 10 uniform ones'),
  ard: z.boolean().default(false).describe('a length scale per dimension instead of one for all'),
  xi: z
    .number()
    .min(0)
    .default(0)
    .describe('improvement asked for, in standard deviations of the values seen; Jones et al.: 0'),
  candidates: z
    .number()
    .int()
    .min(8)
    .max(100_000)
    .default(512)
    .describe('points at which expected improvement is looked up before the best four are refined by its gradient'),
  maxPoints: z
    .number()
    .int()
    .min(10)
    .max(1000)
    .default(200)
    .describe('largest history of the model (its cost is the cube): over that, the best half and the most recent half'),
  batch: z
    .number()
    .int()
    .min(1)
    .max(100)
    .default(1)
    .describe('points per start that are asked at a time; those not evaluated yet count as the best (constant liar)'),
});

export type GpEiOptions = z.output<typeof gpEiOptions>;
