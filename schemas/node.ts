import { z } from 'zod';
import { digestSchema } from './artifact.js';
import { stepSchema } from './experiment.js';

/** Where a node's activity runs: a Temporal task queue per capability. */
export const queueSchema = z.enum(['io', 'cpu', 'score']);
export type Queue = z.infer<typeof queueSchema>;

/** A plugin locked to a version, with its options filled in. */
export const lockedPluginSchema = z.strictObject({
  id: z.string(),
  version: z.string(),
  cacheVersion: z.number().int(),
  options: z.record(z.string(), z.unknown()),
});
export type LockedPlugin = z.infer<typeof lockedPluginSchema>;

/** One planned node: everything but the digests of its inputs, which are known when they are done. */
export const plannedNodeSchema = z.strictObject({
  /** Unique; per compound: `start/MgO`. */
  id: z.string(),
  step: stepSchema,
  queue: queueSchema,
  /** The plugin whose kind the step takes; null for a step without one. */
  plugin: lockedPluginSchema.nullable(),
  /** Other plugins that the step calls, e.g. the scorer in `baselines`; by kind. */
  helpers: z.record(z.string(), lockedPluginSchema),
  /** Options of the step, defaults filled in. */
  options: z.record(z.string(), z.unknown()),
  /** Bumped when the step's own code changes its results. */
  stepVersion: z.number().int(),
  /** Input name -> id of the node that gives it. An input that gathers a whole fan-out has several ids, in order. */
  needs: z.record(z.string(), z.union([z.string(), z.array(z.string())])),
  /** Files that were put into the store at plan time: name in the options -> blob. */
  files: z.record(z.string(), z.strictObject({ digest: digestSchema, bytes: z.number().int(), name: z.string() })),
  seed: z.string(),
});
export type PlannedNode = z.infer<typeof plannedNodeSchema>;

/**
 * What a node's activity is given: which node of which run (the plan is in the store), and the keys of the nodes that
 * give its inputs. Keys lead to committed manifests, so payloads stay small whatever the artifacts hold.
 */
export const nodeTaskSchema = z.strictObject({
  runId: z.string(),
  nodeId: z.string(),
  inputs: z.record(z.string(), z.union([digestSchema, z.array(digestSchema)])),
});
export type NodeTask = z.infer<typeof nodeTaskSchema>;

/** What it gives back. */
export const nodeResultSchema = z.strictObject({
  id: z.string(),
  key: digestSchema,
  cached: z.boolean(),
  artifact: z.strictObject({ digest: digestSchema, bytes: z.number() }),
  seconds: z.number(),
  attempt: z.number().int(),
  /** What its record shall say of it, e.g. that a budget of CPU time ended it. */
  note: z.string().optional(),
});
export type NodeResult = z.infer<typeof nodeResultSchema>;

/**
 * Nodes of a run: more would not fit the history of one workflow (51,200 events; a node takes 3 and its share of some 5,000
 * records) nor its messages (2 MB; 4,000 records of the status are 1.2 MB).
 */
export const MAXIMUM_NODES = 4000;

/** What a workflow needs to know of a node: enough to order and place it. */
export const workflowNodeSchema = plannedNodeSchema.pick({ id: true, step: true, queue: true, needs: true });
export type WorkflowNode = z.infer<typeof workflowNodeSchema>;

/** Progress of a node that is under way. */
export const progressSchema = z.strictObject({
  done: z.number(),
  total: z.number(),
  unit: z.string(),
  /** Newest reported metrics, for display. */
  metrics: z.record(z.string(), z.number()).optional(),
});
export type Progress = z.infer<typeof progressSchema>;
