import { z } from 'zod';

/** Options that every derivative-free optimizer has. */
export const budget = z
  .number()
  .int()
  .min(1)
  .max(1_000_000)
  .default(50)
  .describe(
    'evaluations per start, the start itself among them; 50 equals one default run of optimizer/latent-gradient, ' +
      'Cheng et al. (2022) allow 5000',
  );

export const useStart = z
  .boolean()
  .default(true)
  .describe('the start, moved into the box, is the first point evaluated; false: it is not looked at');

/**
 * Members of a population: at most what the source says, but few enough that a small budget still gives five
 * generations.
 */
export function populationFor(given: number | 'auto', source: number, budget: number, least: number): number {
  return given === 'auto' ? Math.max(least, Math.min(source, Math.ceil(budget / 5))) : given;
}
