import { z } from 'zod';
import { errorRecordSchema } from './run.js';

/** First line of what an attempt at a node recorded. */
export const attemptHeaderSchema = z.strictObject({
  node: z.string(),
  /** From 1, over all attempts at the node in its run. */
  attempt: z.number().int().positive(),
  /** ISO 8601. */
  startedAt: z.string(),
  /** Step of the checkpoint that it went on from; null when it began anew. */
  resumedFrom: z.number().int().nonnegative().nullable(),
});
export type AttemptHeader = z.infer<typeof attemptHeaderSchema>;

/** Metrics of one step: what the plugin called `report` with. null stands for a number that is not finite. */
export const metricsRowSchema = z.object({ step: z.number() }).catchall(z.number().nullable());
export type MetricsRow = z.infer<typeof metricsRowSchema>;

/** How an attempt ended; none of one whose process was killed. */
export const attemptEndSchema = z.strictObject({
  /** `stopped`: cancelled, or its worker was stopped. */
  state: z.enum(['succeeded', 'failed', 'stopped']),
  at: z.string(),
  error: errorRecordSchema.nullable(),
});
export type AttemptEnd = z.infer<typeof attemptEndSchema>;

/** A line of `metrics/<run>/<node>/<attempt>-<part>.jsonl`: the header, then metrics and checkpoints as they came, then the end. */
export const metricsLineSchema = z.union([
  z.strictObject({ header: attemptHeaderSchema }),
  z.strictObject({ metrics: metricsRowSchema }),
  z.strictObject({ checkpoint: z.number().int().nonnegative() }),
  z.strictObject({ end: attemptEndSchema }),
]);
export type MetricsLine = z.infer<typeof metricsLineSchema>;
