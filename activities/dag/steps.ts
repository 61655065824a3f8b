import { z } from 'zod';
import type { ArtifactKind } from '../../schemas/artifact.js';
import type { Step } from '../../schemas/experiment.js';
import type { Queue } from '../../schemas/node.js';
import type { PluginKind } from '../../schemas/plugin.js';
import {
  dataOptions,
  decodeOptions,
  optimizeOptions,
  relaxOptions,
  scoreOptions,
  searchOptions,
  startOptions,
  surrogateOptions,
} from './step-options.js';

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
    options: dataOptions,
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
    options: surrogateOptions,
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
    options: startOptions,
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
    options: optimizeOptions,
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
    options: decodeOptions,
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
    options: searchOptions,
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
    options: scoreOptions,
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
