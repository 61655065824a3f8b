import { z } from 'zod';
import { elementSchema } from '../../../schemas/crystal.js';
import { definePlugin } from '../../contract/define-plugin.js';
import { lennardJonesElements, lennardJonesScorer } from './potential.js';

/** Balls that attract each other: a landscape for tests. */
export const lennardJones = definePlugin({
  apiVersion: 1,
  kind: 'scorer',
  name: 'lennard-jones',
  version: '1.0.0',
  cacheVersion: 1,
  summary: 'Lennard-Jones pair potential, switched off smoothly at the cutoff; for tests, its energies mean nothing',
  cite: [
    'Jones, On the determination of molecular fields II, Proc. R. Soc. Lond. A 106, 463 (1924)',
    'Cordero et al., Covalent radii revisited, Dalton Trans. 2832 (2008)',
  ],
  options: z.strictObject({
    epsilon: z.number().positive().default(0.5).describe('depth of the well, eV'),
    sigma: z
      .number()
      .positive()
      .nullable()
      .default(null)
      .describe(
        'distance of zero energy, A, the same for every pair; null: 2^(-1/6) times the sum of the covalent radii, so that the well lies at that sum',
      ),
    elements: z
      .record(
        elementSchema,
        z.strictObject({ epsilon: z.number().positive().optional(), sigma: z.number().positive().optional() }),
      )
      .default({})
      .describe('epsilon (eV) and sigma (A) of single elements; pairs by the rules of Lorentz and Berthelot'),
    cutoff: z.number().positive().max(30).default(10).describe('no interaction from this distance on, A'),
    switchFrom: z
      .number()
      .min(0)
      .max(0.99)
      .default(0.66)
      .describe('share of the cutoff from which energies are let down to zero, as by ASE with smooth=True'),
  }),
  capabilities: { testOnly: true, elements: lennardJonesElements() },
  create: (options) => lennardJonesScorer(options),
});
