import { z } from 'zod';
import { digestSchema } from './artifact.js';
import { runEnvironmentSchema } from './environment.js';
import { pluginUseSchema } from './plugin.js';
import { errorRecordSchema, runStateSchema } from './run.js';
import { pruneSchema } from './trial.js';

/** Most trials of one sweep; more are refused with the count. */
export const MAXIMUM_TRIALS = 20_000;

const pathSchema = z
  .string()
  .regex(/^[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)*$/, 'keys joined by dots, e.g. surrogate.with.tau')
  .describe('place in the experiment, e.g. surrogate.with.tau or compounds.0.atoms');

const whenSchema = z
  .record(pathSchema, z.unknown())
  .describe('only where these paths have these values (one, or a list of them); elsewhere the path is left alone');

const valuesSchema = z.array(z.unknown()).describe('the values, any that YAML can say');

/** One path, or several that go together. */
export const axisSchema = z
  .union([
    z.strictObject({ path: pathSchema, values: valuesSchema, when: whenSchema.optional() }),
    z
      .strictObject({
        path: pathSchema,
        range: z.tuple([z.number(), z.number()]).describe('lowest and highest value, both included'),
        scale: z.enum(['linear', 'log']).default('linear'),
        integer: z.boolean().default(false).describe('whole numbers only'),
        steps: z.number().int().min(1).max(100_000).optional().describe('values of a grid, ends included'),
        when: whenSchema.optional(),
      })
      .refine(({ range: [low, high] }) => low < high, { path: ['range'], error: 'the first must be below the second' })
      .refine(({ range: [low], scale }) => scale === 'linear' || low > 0, {
        path: ['range'],
        error: 'a log scale needs values above 0',
      })
      .refine(({ range, integer }) => !integer || range.every(Number.isInteger), {
        path: ['range'],
        error: 'whole numbers need a range between whole numbers',
      }),
    z
      .strictObject({
        zip: z.array(z.strictObject({ path: pathSchema, values: valuesSchema })).min(1),
        when: whenSchema.optional(),
      })
      .refine(({ zip }) => new Set(zip.map(({ values }) => values.length)).size === 1, {
        path: ['zip'],
        error: 'zipped paths need equally many values',
      }),
  ])
  .meta({ id: 'Axis' });
export type Axis = z.infer<typeof axisSchema>;

const searchSchema = z
  .discriminatedUnion('method', [
    z.strictObject({ method: z.literal('grid').describe('every combination, the first axis slowest') }),
    z.strictObject({
      method: z.enum(['random', 'sobol', 'halton']).describe('sobol, halton: even cover of the box, no luck in it'),
      points: z.number().int().min(1),
      seed: z.number().int().nonnegative().default(0).describe('of random'),
    }),
    z.strictObject({
      method: z.literal('optimizer').describe('points follow from what earlier ones gave'),
      points: z.number().int().min(1),
      use: pluginUseSchema.default('optimizer/tpe'),
      with: z
        .record(z.string(), z.unknown())
        .default({})
        .describe('options of the optimizer; its budget is `points`. `batch`: points asked at a time'),
      seed: z.number().int().nonnegative().default(0),
    }),
  ])
  .default({ method: 'grid' });

/** A metric of the report, as in `metrics` of `lcoms run --json`. */
const objectiveSchema = z.strictObject({
  metric: z.string().min(1).describe('of the report, e.g. lcom.hit10'),
  goal: z.enum(['minimize', 'maximize']).default('minimize'),
});

const stopSchema = z.strictObject({
  trials: z.number().int().min(1).optional().describe('begin no more than so many'),
  cpuHours: z.number().positive().optional().describe('begin no more when so much CPU time is spent'),
  target: z.number().optional().describe('begin no more when the objective is as good as this'),
});

const failuresSchema = z.union([
  z.literal('continue'),
  z.literal('fail-fast').describe('cancel what runs at the first trial that fails'),
  z.strictObject({ stopAfter: z.number().int().min(1).describe('begin no more after so many failures') }),
]);

const root = {
  apiVersion: z.literal(1).describe('version of this format'),
  kind: z.literal('sweep').describe('tells a sweep from an experiment'),
  name: z.string().regex(/^[a-z0-9][a-z0-9-]{0,62}$/, 'lower-case letters, digits and hyphens, at most 63'),
  description: z.string().optional(),
  axes: z.array(axisSchema).default([]).describe('what varies'),
  points: z
    .array(z.record(pathSchema, z.unknown()))
    .min(1)
    .optional()
    .describe('a list of points instead of axes: each maps paths to values'),
  search: searchSchema.describe('which points of the axes are tried'),
  seeds: z
    .array(z.number().int().nonnegative())
    .min(1)
    .optional()
    .describe("root seeds: each point is tried with each; default: the experiment's own"),
  objective: objectiveSchema.optional().describe('what optimizers and targets look at'),
  prune: pruneSchema.optional().describe('stop trials early that lag behind others'),
  stop: stopSchema.default({}).describe('budgets of the whole sweep'),
  onFailure: failuresSchema.default('continue').describe('what a trial that fails means for the others'),
  concurrency: z.number().int().min(1).max(256).default(4).describe('trials under way at a time'),
};

/** sweep.yaml: an experiment, tried at many points. */
export const sweepSpecSchema = z
  .strictObject({
    ...root,
    base: z
      .union([z.string(), z.record(z.string(), z.unknown())])
      .describe('the experiment: a file in the folder of this one or below, or the experiment itself'),
  })
  .meta({ id: 'Sweep', title: 'lcoms sweep' });
export type SweepSpec = z.infer<typeof sweepSpecSchema>;

/** A sweep with the experiment itself in it, as written: what is stored. */
export const resolvedSweepSchema = z.strictObject({ ...root, base: z.record(z.string(), z.unknown()) });
export type ResolvedSweep = z.infer<typeof resolvedSweepSchema>;

/** Paths and the values that a trial gives them. */
export const pointSchema = z.record(z.string(), z.unknown());
export type Point = z.infer<typeof pointSchema>;

/** What a sweep is made of: `sweeps/<sweepId>/plan.json`. */
export const sweepPlanSchema = z.strictObject({
  version: z.literal(1),
  sweepId: z.string(),
  name: z.string(),
  createdAt: z.string(),
  /** Hash of what its trials depend on. */
  hash: digestSchema,
  specFile: z.string(),
  spec: resolvedSweepSchema,
  /** File of the experiment: what it names is looked for beside it. */
  baseFile: z.string(),
  /** What was in the files that its experiments name when it was launched. */
  files: z.record(z.string(), z.strictObject({ digest: digestSchema, bytes: z.number().int(), name: z.string() })),
  trials: z.number().int(),
  /** Where and with what it was launched first; each trial is recorded with it. */
  environment: runEnvironmentSchema.optional(),
});
export type SweepPlan = z.infer<typeof sweepPlanSchema>;

/** How a trial ended: `sweeps/<sweepId>/trials/<index>.json`. */
export const trialRecordSchema = z.strictObject({
  version: z.literal(1),
  index: z.number().int(),
  runId: z.string(),
  point: pointSchema,
  seed: z.number().int(),
  state: runStateSchema,
  /** Of its report. */
  metrics: z.record(z.string(), z.union([z.number(), z.string(), z.boolean(), z.null()])),
  /** Key of the report node, null when there is none. */
  report: digestSchema.nullable(),
  /** Wall time of the trial, and CPU time of the nodes that it made itself. */
  seconds: z.number(),
  cpuSeconds: z.number(),
  /** Nodes by how they ended. */
  nodes: z.record(z.string(), z.number().int()),
  error: errorRecordSchema.nullable(),
});
export type TrialRecord = z.infer<typeof trialRecordSchema>;

/** How a sweep stands: `sweeps/<sweepId>/status.json`. */
export const sweepStatusSchema = z.strictObject({
  version: z.literal(1),
  sweepId: z.string(),
  state: runStateSchema,
  startedAt: z.string(),
  updatedAt: z.string(),
  /** Trials by state; those not begun are not counted. */
  counts: z.record(z.string(), z.number().int()),
  cpuSeconds: z.number(),
  /** Why it began no more trials before all were done; null otherwise. */
  stopped: z.string().nullable(),
  best: z.strictObject({ index: z.number().int(), value: z.number() }).nullable(),
});
export type SweepStatus = z.infer<typeof sweepStatusSchema>;
