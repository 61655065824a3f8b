import { z } from 'zod';
import { budget, useStart } from '../box-options.js';

/** Options of optimizer/pso; w and c are those of Cheng et al. (2022). */
export const psoOptions = z.strictObject({
  budget,
  useStart,
  particles: z
    .union([z.literal('auto'), z.number().int().min(1).max(10_000)])
    .default('auto')
    .describe('auto: 10 + floor(2 sqrt(d)), as in Standard PSO 2007, but no more than a fifth of the budget'),
  topology: z
    .enum(['global', 'ring'])
    .default('global')
    .describe('who a particle hears of: the best of all, or the best of its neighbours on a ring'),
  neighbours: z.number().int().min(1).max(1000).default(1).describe('topology ring - neighbours on either side'),
  inertia: z
    .number()
    .min(0)
    .max(2)
    .default(0.8)
    .describe('w; Clerc and Kennedy: 0.7298, with cognitive and social 1.49618'),
  cognitive: z.number().min(0).max(10).default(0.5).describe('c1, pull of the best point of the particle itself'),
  social: z.number().min(0).max(10).default(0.5).describe('c2, pull of the best point it hears of'),
  maxVelocity: z
    .number()
    .positive()
    .max(1)
    .default(0.5)
    .describe('largest step per dimension, as part of the width of the box'),
  bounds: z
    .enum(['absorb', 'reflect'])
    .default('absorb')
    .describe('a particle that would leave stops at the face; reflect: it is mirrored there and its velocity reversed'),
});

export type PsoOptions = z.output<typeof psoOptions>;
