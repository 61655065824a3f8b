import { z } from 'zod';
import { elementSchema } from '../../../schemas/crystal.js';
import { definePlugin } from '../../contract/define-plugin.js';
import { IONS } from './ion-data.js';
import { bornMayerScorer } from './potential.js';

const PAIR = /^[A-Z][a-z]?-[A-Z][a-z]?$/;

/** Rigid ions: the classical picture of a salt. */
export const ewaldBornMayer = definePlugin({
  apiVersion: 1,
  kind: 'scorer',
  name: 'ewald-born-mayer',
  version: '1.0.0',
  cacheVersion: 1,
  summary: 'rigid ions: Coulomb energy by Ewald summation, Born-Mayer repulsion, optional -C/r^6; for tests',
  cite: [
    'Ewald, Die Berechnung optischer und elektrostatischer Gitterpotentiale, Ann. Phys. 369, 253 (1921)',
    'Born and Mayer, Zur Gittertheorie der Ionenkristalle, Z. Phys. 75, 1 (1932)',
    'Shannon, Revised effective ionic radii, Acta Cryst. A 32, 751 (1976)',
  ],
  options: z.strictObject({
    charges: z
      .record(elementSchema, z.number())
      .default({})
      .describe('charge by element, e; those left out are common oxidation states that make the cell neutral'),
    radii: z
      .record(elementSchema, z.number().positive())
      .default({})
      .describe('ionic radius by element, A; those left out are Shannon radii in sixfold coordination'),
    rho: z
      .number()
      .positive()
      .default(0.345)
      .describe('decay length of the repulsion, A; 0.345 is that of Born and Mayer for the alkali halides'),
    c6: z
      .record(z.string().regex(PAIR, 'write a pair as Na-Cl'), z.number().nonnegative())
      .default({})
      .describe(
        'dispersion -C/r^6 by pair of elements, eV A^6, e.g. {Cl-Cl: 72.4} (Fumi and Tosi for NaCl); none by default',
      ),
    cutoff: z.number().positive().max(30).default(8).describe('no repulsion and dispersion from this distance on, A'),
    switchFrom: z
      .number()
      .min(0)
      .max(0.99)
      .default(0.66)
      .describe('share of the cutoff from which repulsion and dispersion are let down to zero'),
  }),
  capabilities: { testOnly: true, elements: Object.keys(IONS) },
  create: (options) => bornMayerScorer(options),
});
