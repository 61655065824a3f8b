import { LcomsError } from '../../schemas/errors.js';
import { type ExperimentSpec, experimentSpecSchema } from '../../schemas/experiment.js';
import type { Point, ResolvedSweep } from '../../schemas/sweep.js';
import { pathsOf } from './axes.js';
import { withValue } from './place.js';

/**
 * The experiment of a point.
 * @param seed root seed; null: the experiment's own
 * @throws LcomsError LCOMS_E_SPEC naming the path, the value and what is valid
 */
export function trialSpec(spec: ResolvedSweep, point: Point, seed: number | null, file: string): ExperimentSpec {
  let raw = spec.base;
  // What holds others goes first, in whatever order the point was written.
  const entries = Object.entries(point).sort(([a], [b]) => (a < b ? -1 : 1));
  for (const [path, value] of entries) raw = withValue(raw, path, value, file);
  if (seed !== null) raw = withValue(raw, 'seed', seed, file);
  const parsed = experimentSpecSchema.safeParse(raw);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  const path = issue?.path.map(String).join('.') ?? '';
  const unknown = issue?.code === 'unrecognized_keys' ? `unknown key ${issue.keys.join(', ')}` : issue?.message;
  throw new LcomsError('LCOMS_E_SPEC', `${pointText(point)}: ${path || 'the experiment'}: ${unknown ?? 'invalid'}`, {
    file,
    path: path || 'base',
  });
}

/** The point with its paths in the order of the axes; storing it sorts them. */
export function inOrder({ axes }: Pick<ResolvedSweep, 'axes'>, point: Point): Point {
  const order = axes.flatMap(pathsOf);
  return Object.fromEntries(Object.entries(point).sort(([a], [b]) => order.indexOf(a) - order.indexOf(b)));
}

/** `surrogate.with.tau=0.1, seed=3` */
export function pointText(point: Point): string {
  const entries = Object.entries(point).map(([path, value]) => `${path}=${JSON.stringify(value)}`);
  return entries.join(', ') || 'the experiment as it is';
}

/** Root seed of a trial's experiment, for tables. */
export function seedOfTrial(spec: ResolvedSweep, point: Point, seed: number | null): number {
  const own = point['seed'] ?? spec.base['seed'] ?? 0;
  return seed ?? (typeof own === 'number' ? own : 0);
}
