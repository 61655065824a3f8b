import { z } from 'zod';
import { pluginUseSchema } from './plugin.js';

/** A plugin in a spec: which, and its options (each plugin checks its own). Left out, it is `use` with its defaults. */
function pluginSlot(use: string) {
  return z
    .strictObject({
      use: pluginUseSchema.default(use).describe('kind/name, optionally @semver-range'),
      with: z
        .record(z.string(), z.unknown())
        .default({})
        .describe('options of the plugin; `lcoms plugins show ID` lists them'),
    })
    .default({ use, with: {} });
}
export interface PluginSlot {
  use: string;
  with: Record<string, unknown>;
}

/** The steps that a pipeline node may run; one activity file each. */
export const stepSchema = z.enum([
  'prepare-data',
  'train-encoder',
  'encode-data',
  'train-surrogate',
  'known-structures',
  'start-structures',
  'encode',
  'optimize',
  'decode',
  'search',
  'score',
  'baselines',
  'report',
  'figures',
]);
export type Step = z.infer<typeof stepSchema>;

/** How the report calls answers that no method of a spec gives. */
export const BASELINE_METHODS: readonly string[] = ['start', 'substitution', 'rocksalt'];

const methodNameSchema = z
  .string()
  .regex(/^[a-z][a-z0-9-]{0,30}$/, 'lower-case letters, digits and hyphens, at most 31')
  .refine((name) => !BASELINE_METHODS.includes(name), `${BASELINE_METHODS.join(', ')} name the baselines`);

const otherPlugin = z.strictObject({
  use: pluginUseSchema,
  with: z.record(z.string(), z.unknown()).default({}),
});

/** Steps that a method may have options of its own for. */
const METHOD_STEPS = ['start-structures', 'optimize', 'decode', 'search', 'score'] as const;

/**
 * One of several ways to an answer: another surrogate, another optimizer, or both, from the same starts; or a search over
 * structures.
 */
export const methodSchema = z
  .strictObject({
    name: methodNameSchema.describe('what the report calls it, e.g. lcoms, sl, cd-vae'),
    title: z.string().min(1).max(40).optional().describe('what figures call it; default: its name'),
    along: z
      .array(z.number().int().min(0).max(100_000))
      .min(1)
      .refine((steps) => new Set(steps).size === steps.length, 'a number of steps given twice')
      .optional()
      .describe(
        'numbers of steps to judge the search at: a method for each, NAME-STEPS, whose optimizer takes them as `steps`',
      ),
    space: z
      .enum(['latent', 'structure', 'starts'])
      .default('latent')
      .describe(
        'latent: the optimizer moves latents on the surrogate; structure: cells and coordinates, on the scorer, or on the surrogate that the method gives; starts: nothing is searched, its starts are the answers',
      ),
    surrogate: otherPlugin
      .optional()
      .describe(
        "default: the spec's; over structures: what is searched on instead of the scorer, e.g. surrogate/graph-network",
      ),
    optimizer: otherPlugin.optional().describe("default: the spec's"),
    steps: z
      .partialRecord(z.enum(METHOD_STEPS), z.record(z.string(), z.unknown()))
      .optional()
      .describe(
        "options of the steps of this method alone, over the spec's `steps`; with `start-structures` it has starts of its own, which methods with equal ones share",
      ),
  })
  .refine((method) => method.space === 'latent' || method.along === undefined, {
    path: ['along'],
    error: 'only searches over latents are judged along the way',
  })
  .refine((method) => method.space !== 'starts' || !(method.surrogate || method.optimizer), {
    path: ['space'],
    error: 'starts are searched by nothing: take surrogate and optimizer out',
  })
  .meta({ id: 'Method' });
export type Method = z.infer<typeof methodSchema>;

/** A node of a pipeline: a step, its plugin and options, and which nodes give its inputs. */
export const pipelineNodeSchema = z
  .strictObject({
    id: z
      .string()
      .regex(/^[a-z][a-z0-9-]*$/, 'lower-case letters, digits and hyphens')
      .describe('name of the node, unique in the pipeline'),
    step: stepSchema,
    use: pluginUseSchema
      .optional()
      .describe('plugin; the spec-level one of the kind that the step takes when left out'),
    with: z.record(z.string(), z.unknown()).optional(),
    options: z
      .record(z.string(), z.unknown())
      .optional()
      .describe("options of the step in this node alone, over the spec's `steps`"),
    method: methodNameSchema.optional().describe('score nodes: what the report calls the answers; default: lcom'),
    needs: z
      .record(z.string(), z.union([z.string(), z.array(z.string()).min(1)]))
      .default({})
      .describe('input name: node id; several for an input that gathers'),
    each: z.literal('compound').optional().describe('run once per compound'),
  })
  .meta({ id: 'PipelineNode' });
export type PipelineNode = z.infer<typeof pipelineNodeSchema>;

/** Figures that a run may draw. */
export const figureSchema = z.enum(['search', 'improvement', 'training']);
export type Figure = z.infer<typeof figureSchema>;

const atomCountSchema = z.number().int().positive().max(64);

/** Compounds that the report counts together. */
const groupSchema = z.string().regex(/^[a-z0-9][a-z0-9-]{0,30}$/, 'lower-case letters, digits and hyphens, at most 31');

const compoundSchema = z.union([
  z.string().describe('formula, e.g. MgO'),
  z.strictObject({
    formula: z.string(),
    atoms: z
      .union([atomCountSchema, z.array(atomCountSchema).min(1), z.literal('search')])
      .optional()
      .describe(
        'atoms in the cell; a list or `search` (1, 2, 3, ... formula units, up to 20 atoms): the tries are spread over these sizes; default: as the known ground state, else two formula units',
      ),
    group: groupSchema
      .optional()
      .describe('what the report counts it with, e.g. easy; all compounds have one, or none'),
  }),
]);

/** Compounds drawn from the data. */
const compoundSampleSchema = z
  .strictObject({
    sample: z.number().int().min(1).max(1000).describe('how many formulas of the data, drawn by the root seed'),
    maxAtoms: z
      .number()
      .int()
      .positive()
      .max(64)
      .default(8)
      .describe("most atoms in the cell, as in the file, of a formula's lowest crystal"),
    minElements: z.number().int().min(1).max(10).default(2).describe('fewest elements'),
  })
  .meta({ id: 'CompoundSample' });
export type CompoundSample = z.output<typeof compoundSampleSchema>;

/** Compounds of a file of sets: `{SET: {GROUP: [{formula, atoms}, ...], ...}, ...}`, as experiments/hard/sets.json. */
const compoundFileSchema = z
  .strictObject({
    file: z.string().min(1).describe('JSON of sets, beside the spec or below'),
    set: z.string().min(1).describe('which set of the file, e.g. validation'),
    groups: z.array(groupSchema).min(1).optional().describe('which groups of the set; default: all'),
    limit: z.number().int().min(1).max(1000).optional().describe('most compounds a group; default: all'),
    order: z
      .enum(['shuffled', 'file'])
      .default('shuffled')
      .describe(
        'which ones a limit takes: the first of an order that set, group and formulas alone decide, or the first of the file',
      ),
  })
  .meta({ id: 'CompoundFile' });
export type CompoundFile = z.output<typeof compoundFileSchema>;

/** A file of sets of compounds, all of whose formulas are held out. */
const heldOutFileSchema = z.strictObject({
  file: z.string().min(1).describe('path from the spec: {SET: {GROUP: [{formula, atoms}, ...]}}'),
});

/** experiment.yaml: one reproducible experiment. */
export const experimentSpecSchema = z
  .strictObject({
    apiVersion: z.literal(1).describe('version of this format'),
    name: z.string().regex(/^[a-z0-9][a-z0-9-]{0,62}$/, 'lower-case letters, digits and hyphens, at most 63'),
    description: z.string().optional(),
    seed: z.number().int().nonnegative().default(0).describe('root seed; every random number follows from it'),
    compounds: z
      .union([z.literal('binary-26'), z.array(compoundSchema).min(1), compoundSampleSchema, compoundFileSchema])
      .default('binary-26')
      .describe(
        'what to predict: the 26 compounds of the paper, a list of formulas, some drawn from the data, or a set of a file',
      ),
    holdOut: z
      .union([z.boolean(), z.array(z.string()).min(1), heldOutFileSchema])
      .default(true)
      .describe(
        'remove every crystal of the compounds from the training data, and of these formulas, or of all formulas of a file of sets; of compounds from a file: of all its formulas',
      ),
    tries: z.number().int().min(1).max(100).default(1).describe('random starts per compound'),
    replicates: z
      .number()
      .int()
      .min(1)
      .max(20)
      .default(1)
      .describe(
        'times that everything random is done anew (trainings, starts, searches); the report gives mean and spread',
      ),
    methods: z
      .array(methodSchema)
      .min(1)
      .refine((methods) => new Set(methods.map((m) => m.name)).size === methods.length, 'two methods of one name')
      .optional()
      .describe("compared side by side from the same encoder and starts; default: one, by the spec's plugins"),
    figures: z
      .array(figureSchema)
      .min(1)
      .refine((figures) => new Set(figures).size === figures.length, 'a figure given twice')
      .optional()
      .describe(
        'plots of the run, as SVG and Vega-Lite: energy along the search, improvement by composition, training of the surrogates',
      ),
    data: pluginSlot('dataset/simulated'),
    encoder: pluginSlot('encoder/cdvae'),
    surrogate: pluginSlot('surrogate/com'),
    optimizer: pluginSlot('optimizer/latent-gradient'),
    scorer: pluginSlot('scorer/chgnet'),
    pipeline: z.array(pipelineNodeSchema).min(1).optional().describe('own DAG; the default pipeline when left out'),
    steps: z
      .partialRecord(stepSchema, z.record(z.string(), z.unknown()))
      .default({})
      .describe('options of the steps themselves, e.g. steps.prepare-data.energyTarget'),
  })
  .refine((spec) => !(spec.methods && spec.pipeline), {
    path: ['methods'],
    error: 'methods make their own pipeline: give one of the two',
  })
  .refine((spec) => !(spec.figures && spec.pipeline), {
    path: ['figures'],
    error: 'only the default pipeline and methods have figures',
  })
  .meta({ id: 'Experiment', title: 'lcoms experiment' });
export type ExperimentSpec = z.infer<typeof experimentSpecSchema>;
/** As written, before defaults. */
export type ExperimentSpecInput = z.input<typeof experimentSpecSchema>;
