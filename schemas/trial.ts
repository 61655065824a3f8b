import { z } from 'zod';

/** When a trial of a sweep is ended early. */
export const pruneSchema = z.strictObject({
  rule: z.enum(['median', 'asha']),
  node: z.string().describe('the training that is watched, by its id in the pipeline, e.g. surrogate'),
  metric: z.string().describe('what it reports, e.g. validation_rmse'),
  goal: z.enum(['minimize', 'maximize']).default('minimize'),
  from: z.number().int().min(1).default(1).describe('first step (epoch) at which a trial may be pruned'),
  every: z.number().int().min(1).default(1).describe('median: steps between two looks'),
  after: z.number().int().min(1).default(5).describe('median: trials that must have got there before one is pruned'),
  factor: z.number().int().min(2).default(3).describe('asha: one of so many goes on at each rung'),
});
export type PruneRule = z.infer<typeof pruneSchema>;

/** What a run knows of the sweep that it is a trial of. */
export const trialOfSchema = z.strictObject({
  sweepId: z.string(),
  index: z.number().int().nonnegative(),
  prune: pruneSchema.optional(),
});
export type TrialOf = z.infer<typeof trialOfSchema>;
