import { z } from 'zod';
import { digestSchema } from './artifact.js';
import { runEnvironmentSchema } from './environment.js';
import { experimentSpecSchema } from './experiment.js';
import { plannedNodeSchema } from './node.js';
import { pluginManifestSchema } from './plugin.js';
import { trialOfSchema } from './trial.js';

/**
 * How a node stands. `paused`: its run waits for `lcoms resume`; `cached`: a committed result was found; `pruned`: a
 * sweep stopped the trial early; `stale`: its worker was lost and it waits for another; `cancelled`: ended by its user, or
 * never begun because what it needs failed.
 */
export const nodeStateSchema = z.enum([
  'queued',
  'running',
  'paused',
  'succeeded',
  'cached',
  'pruned',
  'failed',
  'stale',
  'cancelled',
]);
export type NodeState = z.infer<typeof nodeStateSchema>;
/** How a run stands: as a node, and `interrupted`: its client and server are gone; `lcoms resume` goes on. */
export const runStateSchema = z.enum([
  'queued',
  'running',
  'paused',
  'interrupted',
  'succeeded',
  'pruned',
  'failed',
  'stale',
  'cancelled',
]);
export type RunState = z.infer<typeof runStateSchema>;

/** An error as it is stored and shown. */
export const errorRecordSchema = z.strictObject({
  code: z.string(),
  message: z.string(),
  hint: z.string().optional(),
  where: z.string().optional(),
});
export type ErrorRecord = z.infer<typeof errorRecordSchema>;

export const nodeRecordSchema = z.strictObject({
  id: z.string(),
  step: z.string(),
  state: nodeStateSchema,
  key: digestSchema.nullable(),
  attempt: z.number().int(),
  seconds: z.number().nullable(),
  artifact: z.strictObject({ digest: digestSchema, bytes: z.number() }).nullable(),
  error: errorRecordSchema.nullable(),
  /** What is to be known of its result, e.g. that a budget of CPU time ended it. */
  note: z.string().optional(),
});
export type NodeRecord = z.infer<typeof nodeRecordSchema>;

/** What a run is made of, written once when it starts: `runs/<runId>/plan.json`. */
export const runPlanSchema = z.strictObject({
  version: z.literal(1),
  runId: z.string(),
  name: z.string(),
  createdAt: z.string(),
  lcoms: z.string(),
  spec: experimentSpecSchema,
  specFile: z.string().nullable(),
  specHash: digestSchema,
  plugins: z.array(pluginManifestSchema),
  nodes: z.array(plannedNodeSchema),
  /** Where it was started; not in records of earlier versions. */
  environment: runEnvironmentSchema.optional(),
  /** The run that this one was forked from: its checkpoints may be gone on from. */
  parent: z.string().optional(),
  /** Of a trial: which one of which sweep. */
  trial: trialOfSchema.optional(),
});
export type RunPlan = z.infer<typeof runPlanSchema>;

/** How a run stands: `runs/<runId>/status.json`, rewritten as nodes finish. */
export const runStatusSchema = z.strictObject({
  version: z.literal(1),
  runId: z.string(),
  state: runStateSchema,
  startedAt: z.string(),
  updatedAt: z.string(),
  seconds: z.number(),
  nodes: z.array(nodeRecordSchema),
  error: errorRecordSchema.nullable(),
  /** Which execution of the workflow recorded it, and as its how manieth: by that a late record is known. */
  execution: z.string().optional(),
  sequence: z.number().int().optional(),
});
export type RunStatus = z.infer<typeof runStatusSchema>;

/** What `lcoms ls` needs of a run, so that it need not read plans: `runs/<runId>/summary.json`, written after the status. */
export const runSummarySchema = z.strictObject({
  version: z.literal(1),
  runId: z.string(),
  name: z.string(),
  createdAt: z.string(),
  /** null before the workflow recorded anything. */
  state: runStateSchema.nullable(),
  startedAt: z.string(),
  seconds: z.number().nullable(),
  /** Number of nodes by state. */
  nodes: z.partialRecord(nodeStateSchema, z.number().int()),
  error: z.string().nullable(),
});
export type RunSummary = z.infer<typeof runSummarySchema>;
