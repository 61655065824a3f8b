import { z } from 'zod';
import { RELAX_METHODS } from '../../lib/relax/minimizer.js';
import type { ArtifactKind } from '../../schemas/artifact.js';
import type { Step } from '../../schemas/experiment.js';
import type { Queue } from '../../schemas/node.js';
import type { PluginKind } from '../../schemas/plugin.js';
import { HOLE_THRESHOLD } from '../steps/filter-crystals.js';

/** What plan time knows of a step: enough to check a pipeline before anything runs. */
export interface StepContract {
  summary: string;
  /** Kind of the plugin that does it; null for a step that is lcoms' own. */
  plugin: PluginKind | null;
  /** Other plugins that it calls, taken from the spec's slots. */
  helpers: readonly PluginKind[];
  /** Input name -> kind of artifact; `gather` inputs take every instance of a fan-out. */
  inputs: Readonly<Record<string, { kind: ArtifactKind; gather?: true; optional?: true }>>;
  output: ArtifactKind;
  queue: Queue;
  /** Raise it when the step's own code gives other results than before. */
  version: number;
  options: z.ZodObject;
  /** Runs once per compound; `formula`, `atoms` and `tries` are then set by the planner. */
  perCompound: boolean;
}

const relaxOptions = {
  fmax: z.number().positive().default(0.05).describe('relax until the largest force is below, eV/A'),
  maxSteps: z.number().int().positive().default(250).describe('relaxation steps at most'),
  // No default: a node's key holds every option that has one, and steps relaxed by FIRE keep theirs.
  method: z.enum(RELAX_METHODS).optional().describe('how it relaxes: fire unless given, or lbfgs'),
};

// No defaults either: a search without them keeps its key.
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

export const STEPS: Readonly<Record<Step, StepContract>> = {
  'prepare-data': {
    summary: 'filter crystals, hold out the compounds, split by formula, reduce cells, make energy targets',
    plugin: 'dataset',
    helpers: [],
    inputs: {},
    output: 'dataset',
    queue: 'io',
    version: 1,
    perCompound: false,
    options: z.strictObject({
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
      minDistanceRatio: z
        .number()
        .positive()
        .default(0.35)
        .describe('smallest distance over the sum of covalent radii'),
    }),
  },
  'train-encoder': {
    summary: 'train the autoencoder of crystals',
    plugin: 'encoder',
    helpers: [],
    inputs: { data: { kind: 'dataset' } },
    output: 'encoder',
    queue: 'cpu',
    version: 1,
    perCompound: false,
    options: z.strictObject({}),
  },
  'encode-data': {
    summary: 'latents of the training and validation crystals',
    plugin: 'encoder',
    helpers: [],
    inputs: { data: { kind: 'dataset' }, encoder: { kind: 'encoder' } },
    output: 'latents',
    queue: 'cpu',
    version: 1,
    perCompound: false,
    options: z.strictObject({}),
  },
  'train-surrogate': {
    summary: 'train the energy model on latents, or on crystals',
    plugin: 'surrogate',
    helpers: [],
    // Which of the two inputs it takes beside the energies depends on the plugin (surrogate-inputs.ts).
    inputs: { data: { kind: 'dataset' }, latents: { kind: 'latents', optional: true } },
    output: 'surrogate',
    queue: 'cpu',
    version: 1,
    perCompound: false,
    options: z.strictObject({}),
  },
  'known-structures': {
    summary: 'relax the known polymorphs of the compounds with the scorer: the truth to compare with',
    plugin: 'scorer',
    helpers: [],
    inputs: { data: { kind: 'dataset' } },
    output: 'truth',
    queue: 'score',
    version: 2,
    perCompound: false,
    options: z.strictObject(relaxOptions),
  },
  'start-structures': {
    summary: 'random stable starts: random lattice and coordinates, relaxed to the nearest local minimum',
    plugin: 'scorer',
    helpers: [],
    inputs: { known: { kind: 'truth' }, data: { kind: 'dataset', optional: true } },
    output: 'crystals',
    queue: 'score',
    version: 1,
    perCompound: true,
    options: z.strictObject({
      ...relaxOptions,
      redraws: z.number().int().min(0).default(8).describe('draws again when a start does not relax to a sane minimum'),
      // No defaults: a node without them keeps the key that it had before there were any.
      kind: z
        .enum(['random', 'symmetric', 'template'])
        .optional()
        .describe(
          'random (default): lattice and places at random; symmetric: a random space group, Wyckoff combination, lattice of its system and free coordinates; template: the training crystals of as many atoms whose elements are most alike, of any stoichiometry, the atoms put on their sites',
        ),
      atoms: z
        .enum(['known', 'search'])
        .optional()
        .describe(
          'of compounds that give none: known (default), as the known ground state, else two formula units; search: 1, 2, 3, ... formula units up to 20 atoms, the tries spread over them',
        ),
    }),
  },
  encode: {
    summary: 'latents of the starts',
    plugin: 'encoder',
    helpers: [],
    inputs: { encoder: { kind: 'encoder' }, crystals: { kind: 'crystals' } },
    output: 'latents',
    queue: 'cpu',
    version: 1,
    perCompound: true,
    options: z.strictObject({}),
  },
  optimize: {
    summary: 'search the latent space on the surrogate',
    plugin: 'optimizer',
    helpers: ['surrogate'],
    inputs: { surrogate: { kind: 'surrogate' }, latents: { kind: 'latents' }, reference: { kind: 'latents' } },
    output: 'optimized-latents',
    queue: 'cpu',
    version: 1,
    perCompound: true,
    options: z.strictObject(searchBudget),
  },
  decode: {
    summary: 'crystals from the optimized latents',
    plugin: 'encoder',
    helpers: [],
    inputs: { encoder: { kind: 'encoder' }, latents: { kind: 'optimized-latents' }, crystals: { kind: 'crystals' } },
    output: 'crystals',
    queue: 'cpu',
    version: 1,
    perCompound: true,
    options: z.strictObject({
      draws: z
        .number()
        .int()
        .min(1)
        .max(64)
        .default(4)
        .describe('crystals drawn per latent; the scorer keeps the lowest one'),
    }),
  },
  search: {
    summary: 'search cells and coordinates by the energy of the scorer, or of a surrogate over crystals',
    plugin: 'optimizer',
    helpers: ['scorer'],
    inputs: { starts: { kind: 'crystals' }, surrogate: { kind: 'surrogate', optional: true } },
    output: 'crystals',
    queue: 'score',
    version: 2,
    perCompound: true,
    options: z
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
      }),
  },
  score: {
    summary: 'energy of the decoded crystals, relaxed too, and comparison with the truth',
    plugin: 'scorer',
    helpers: [],
    inputs: { decoded: { kind: 'crystals' }, starts: { kind: 'crystals' }, known: { kind: 'truth' } },
    output: 'scores',
    queue: 'score',
    version: 1,
    perCompound: true,
    options: z.strictObject(relaxOptions),
  },
  baselines: {
    summary: 'what costs nothing: rocksalt, and the structure of the nearest training composition',
    plugin: 'scorer',
    helpers: [],
    inputs: { data: { kind: 'dataset' }, known: { kind: 'truth' } },
    output: 'scores',
    queue: 'score',
    version: 1,
    perCompound: true,
    options: z.strictObject(relaxOptions),
  },
  report: {
    summary: 'the table: every measure beside the trivial baselines',
    plugin: null,
    helpers: [],
    inputs: {
      known: { kind: 'truth' },
      scores: { kind: 'scores', gather: true },
      baselines: { kind: 'scores', gather: true, optional: true },
    },
    output: 'report',
    queue: 'io',
    version: 3,
    perCompound: false,
    options: z.strictObject({}),
  },
  figures: {
    summary: 'plots of the run, and what the paper claims beside what was measured',
    plugin: null,
    helpers: [],
    inputs: {
      data: { kind: 'dataset' },
      scores: { kind: 'scores', gather: true },
      searches: { kind: 'optimized-latents', gather: true, optional: true },
      trainings: { kind: 'surrogate', gather: true, optional: true },
    },
    output: 'figures',
    queue: 'io',
    version: 1,
    perCompound: false,
    options: z.strictObject({}),
  },
};
