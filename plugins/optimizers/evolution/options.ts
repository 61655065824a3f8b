import { z } from 'zod';
import { budget } from '../box-options.js';

const share = z.number().min(0).max(1);

/**
 * Options of optimizer/evolution. Defaults are those of the USPEX manual (release 10) where it has one, else those of
 * XtalOpt (Lonie and Zurek 2011), which its operators follow.
 */
export const evolutionOptions = z
  .strictObject({
    budget,
    population: z
      .union([z.literal('auto'), z.number().int().min(2).max(1000)])
      .default('auto')
      .describe(
        'crystals of a generation, and the most that are kept as parents; auto: 20 as in XtalOpt, but no more than a fifth of the budget, at least 4',
      ),
    heredity: share
      .default(0.5)
      .describe('share of offspring cut from two parents and joined (USPEX fracGene 0.5; XtalOpt 0.35)'),
    ripple: share
      .default(0.2)
      .describe(
        'share strained and rippled (USPEX fracAtomsMut 0.1 and fracLatMut 0.1; XtalOpt: stripple 0.25, permustrain 0.25)',
      ),
    permutation: share
      .default(0.1)
      .describe('share with unlike atoms exchanged (USPEX fracPerm 0.1); none for an element'),
    newcomers: share
      .default(0.2)
      .describe('share of random symmetric crystals, as random search draws them (USPEX fracRand 0.2; XtalOpt: none)'),
    selection: z
      .enum(['rank', 'roulette'])
      .default('rank')
      .describe(
        'of parents. rank: linear in the rank among the best fraction (USPEX); roulette: falls linearly with the energy to none at the highest (XtalOpt)',
      ),
    bestFraction: share
      .min(0.01)
      .default(0.7)
      .describe('share of the kept crystals that rank selection takes parents from (USPEX bestFrac 0.7)'),
    minimumContribution: share
      .max(0.5)
      .default(0.25)
      .describe('heredity: least share of the cell that comes from either parent (XtalOpt 25 %)'),
    strain: z
      .number()
      .min(0)
      .max(2)
      .default(0.5)
      .describe('standard deviation of the strain matrix (USPEX mutationRate 0.5, XtalOpt 0.5); the volume is kept'),
    amplitude: z
      .tuple([z.number().min(0), z.number().min(0)])
      .default([0.5, 1])
      .describe('range of the ripple amplitude, in units of the base vector that it moves along (XtalOpt 0.5 to 1)'),
    exchanges: z
      .number()
      .int()
      .min(1)
      .default(4)
      .describe('permutation: pairs of unlike atoms exchanged at most, at least one (XtalOpt 4)'),
    minDistanceRatio: z
      .number()
      .min(0)
      .max(1.2)
      .default(0.6)
      .describe(
        'smallest d_ij / (r_i + r_j) of covalent radii in a crystal that is asked for; one below is swelled, or drawn anew. The space may ask for more',
      ),
    energyTolerance: z
      .number()
      .min(0)
      .default(0.005)
      .describe('eV/atom: crystals that match (ltol 0.1, stol 0.1, angle 5) and differ by less are one'),
  })
  .refine(({ amplitude: [low, high] }) => low <= high, { path: ['amplitude'], error: 'the range is reversed' })
  .refine((o) => o.heredity + o.ripple + o.permutation + o.newcomers > 0, {
    path: ['heredity'],
    error: 'the shares of heredity, ripple, permutation and newcomers are all 0',
  });

export type EvolutionOptions = z.output<typeof evolutionOptions>;
