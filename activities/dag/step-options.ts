import { z } from 'zod';
import { RELAX_METHODS } from '../../lib/relax/minimizer.js';
import { HOLE_THRESHOLD } from '../steps/filter-crystals.js';

// Options of the steps. New ones have no defaults: a node's key holds every option that has one, and nodes without them keep theirs.

/** Options of every step that relaxes. */
export const relaxOptions = {
  fmax: z.number().positive().default(0.05).describe('relax until the largest force is below, eV/A'),
  maxSteps: z.number().int().positive().default(250).describe('relaxation steps at most'),
  method: z.enum(RELAX_METHODS).optional().describe('how it relaxes: fire unless given, or lbfgs'),
};

const searchBudget = {
  evaluations: z
    .number()
    .int()
    .min(1)
    .max(1_000_000)
    .optional()
    .describe('evaluations per start, for every optimizer that a method gives none; without: as the optimizer has it'),
  cpuSeconds: z
    .number()
    .positive()
    .optional()
    .describe(
      'CPU seconds per start after which a search ends, with the batch that passes them. Another run then gives other bytes',
    ),
};

export const dataOptions = z.strictObject({
  onBadRow: z
    .enum(['fail', 'skip'])
    .default('fail')
    .describe('a row that cannot be read fails the run, or is skipped and counted'),
  maxAtoms: z.number().int().positive().default(20).describe('leave larger primitive cells out'),
  validationFraction: z.number().min(0).max(0.5).default(0.1).describe('share of formulas kept for validation'),
  energyTarget: z
    .enum(['auto', 'formation', 'above-composition'])
    .default('auto')
    .describe(
      'energy the surrogate learns: formation energy, or energy above the lowest of the same composition; auto takes the latter when the data have at least three crystals per formula',
    ),
  clip: z.number().positive().default(0.6).describe('above-composition targets are clipped here, eV/atom'),
  holeThreshold: z
    .number()
    .positive()
    .default(HOLE_THRESHOLD)
    .describe('drop crystals more than this below the median of their formula when they stand alone, eV/atom'),
  minVolume: z.number().positive().default(4.5).describe('A^3/atom'),
  maxVolume: z.number().positive().default(200).describe('A^3/atom'),
  minDistanceRatio: z.number().positive().default(0.35).describe('smallest distance over the sum of covalent radii'),
});

export const surrogateOptions = z.strictObject({
  target: z
    .enum(['formation'])
    .optional()
    .describe(
      'formation: the surrogate learns, and searches descend, the formation energy, where the data are prepared with the energy above the lowest of the composition; without: the target of the data',
    ),
});

export const startOptions = z.strictObject({
  ...relaxOptions,
  redraws: z.number().int().min(0).default(8).describe('draws again when a start does not relax to a sane minimum'),
  // No defaults: a node without them keeps the key that it had before there were any.
  kind: z
    .enum(['random', 'symmetric', 'template', 'decoration'])
    .optional()
    .describe(
      'random (default): lattice and places at random; symmetric: a random space group, Wyckoff combination, lattice of its system and free coordinates; template: the training crystals of as many atoms whose elements are most alike, of any stoichiometry, the atoms put on their sites; decoration: the same, one crystal of a structure type, with every way to put the elements on its sites',
    ),
  atoms: z
    .enum(['known', 'search'])
    .optional()
    .describe(
      'of compounds that give none: known (default), as the known ground state, else two formula units; search: 1, 2, 3, ... formula units up to 20 atoms, the tries spread over them',
    ),
  relaxed: z
    .boolean()
    .optional()
    .describe('true (default): starts are local minima; false: they are taken as they are drawn'),
  pool: z
    .number()
    .int()
    .min(1)
    .max(1000)
    .optional()
    .describe('starts for each try (default 1): the best of all that they lead to are the answers'),
});

export const optimizeOptions = z.strictObject({
  ...searchBudget,
  keep: z
    .number()
    .int()
    .min(1)
    .max(10_000)
    .optional()
    .describe('how many starts of a compound go on, those of lowest predicted energy; default: all'),
});

export const decodeOptions = z.strictObject({
  draws: z
    .number()
    .int()
    .min(1)
    .max(64)
    .default(4)
    .describe('crystals drawn per latent; the scorer keeps the lowest one'),
  noise: z
    .number()
    .min(0)
    .max(10)
    .optional()
    .describe(
      'A: atoms begin where the start has them, moved by noise of this standard deviation, in the decoded cell; default: anywhere',
    ),
  snap: z
    .number()
    .positive()
    .max(0.5)
    .optional()
    .describe(
      'A, at most 0.5: a decoded crystal that has a higher space group within this tolerance is moved onto it before it is scored; default: as it is decoded',
    ),
});

export const searchOptions = z
  .strictObject({
    ...searchBudget,
    relaxSteps: z
      .number()
      .int()
      .min(0)
      .max(1000)
      .default(0)
      .describe('steps that each point is relaxed by before its energy is read; 0: as it is'),
    method: relaxOptions.method,
    minDistanceRatio: z
      .number()
      .positive()
      .default(0.4)
      .describe('smallest distance over the sum of covalent radii (Cheng et al. 2022)'),
    minVolume: z
      .number()
      .positive()
      .default(0.4)
      .describe('volume over that of the atoms as covalent spheres (Cheng et al. 2022)'),
    maxVolume: z.number().positive().default(2.4).describe('as minVolume'),
    maxGap: z.number().positive().default(7).describe('widest layer without atoms, A (Cheng et al. 2022)'),
    spaceGroups: z
      .array(z.number().int().min(1).max(230))
      .min(1)
      .optional()
      .describe('space groups that are searched, by number; 2 to 230 unless given'),
    nothing: z
      .enum(['fail', 'random'])
      .optional()
      .describe(
        'of a try whose evaluations all failed: fail (default) ends the run; random answers with a random cell, which the score step relaxes',
      ),
  })
  .refine(({ minVolume, maxVolume }) => minVolume < maxVolume, {
    path: ['minVolume'],
    error: 'the bounds are reversed: minVolume must be below maxVolume',
  });

export const scoreOptions = z.strictObject({
  ...relaxOptions,
  choose: z
    .enum(['try', 'lowest'])
    .optional()
    .describe(
      'try (default): of each try its lowest draw is the answer; lowest (default with a pool of starts): of all draws the lowest that are no two alike, the lowest first',
    ),
});
