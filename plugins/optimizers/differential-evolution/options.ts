import { z } from 'zod';
import { budget, useStart } from '../box-options.js';

/** Options of optimizer/differential-evolution; defaults are those of Storn and Price (1997). */
export const differentialEvolutionOptions = z.strictObject({
  budget,
  useStart,
  population: z
    .union([z.literal('auto'), z.number().int().min(4).max(100_000)])
    .default('auto')
    .describe('auto: 10 per dimension, but no more than a fifth of the budget; at least 4'),
  base: z
    .enum(['rand', 'best'])
    .default('rand')
    .describe('what the difference is added to: a random member (rand/1/bin) or the best one (best/1/bin)'),
  weight: z.number().min(0).max(2).default(0.5).describe('F, weight of the difference'),
  crossover: z
    .number()
    .min(0)
    .max(1)
    .default(0.9)
    .describe('CR, chance of a coordinate to come from the mutant; Storn and Price: 0.1, or 0.9 for quick convergence'),
  bounds: z
    .enum(['redraw', 'bounce'])
    .default('redraw')
    .describe(
      'a coordinate of the mutant outside the box is drawn anew in the whole of it, as scipy does; bounce: between the ' +
        'base and the face that it passed (Price, Storn, Lampinen 2005)',
    ),
});

export type DifferentialEvolutionOptions = z.output<typeof differentialEvolutionOptions>;
