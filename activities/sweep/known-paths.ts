import { distance } from '../../plugins/edit-distance.js';
import type { PluginRegistry } from '../../plugins/registry.js';
import { LcomsError } from '../../schemas/errors.js';
import { experimentSpecSchema } from '../../schemas/experiment.js';
import type { ResolvedSweep } from '../../schemas/sweep.js';
import { STEPS } from '../dag/steps.js';
import { gridOf, pathsOf } from './axes.js';
import { valueAt } from './place.js';

const SLOTS = ['data', 'encoder', 'surrogate', 'optimizer', 'scorer'] as const;

/** Names that are shown of those nearest to a wrong one. */
const SHOWN = 3;

/**
 * Checks that every path of the axes and points is one that an experiment can have.
 * @throws LcomsError LCOMS_E_SPEC naming the nearest paths
 */
export function checkPaths(spec: ResolvedSweep, registry: PluginRegistry, file: string): void {
  const known = knownPaths(spec, registry);
  const given = [
    ...spec.axes.flatMap((axis, i) =>
      [...pathsOf(axis), ...Object.keys(axis.when ?? {})].map((path) => ({ path, where: `axes[${i}]` })),
    ),
    ...(spec.points ?? []).flatMap((point, i) => Object.keys(point).map((path) => ({ path, where: `points[${i}]` }))),
  ];
  for (const { path, where } of given) {
    if (path === 'seed' && spec.seeds)
      throw new LcomsError('LCOMS_E_SPEC', 'seed is set by `seeds` already', { file, path: where });
    if (isKnown(path, spec.base, known)) continue;
    const nearest = [...known]
      .map((name) => ({ name, d: distance(name, path) }))
      .sort((a, b) => a.d - b.d || (a.name < b.name ? -1 : 1))
      .slice(0, SHOWN)
      .map(({ name }) => name);
    throw new LcomsError(
      'LCOMS_E_SPEC',
      `there is no "${path}" in the experiment. The nearest: ${nearest.join(', ')}`,
      {
        file,
        path: where,
      },
    );
  }
}

/** A known path; or one below what the experiment writes down (a list, a mapping that is free) or a known one holds. */
function isKnown(path: string, base: unknown, known: ReadonlySet<string>): boolean {
  if (known.has(path) || valueAt(base, path) !== undefined) return true;
  const keys = path.split('.');
  // `compounds.0.atoms`, `methods.1.surrogate.with.tau`: inside lists the schema has the word, at each trial.
  const list = keys.findIndex((key) => /^\d+$/.test(key));
  return list > 0 && Array.isArray(valueAt(base, keys.slice(0, list).join('.')));
}

function knownPaths({ base, axes, points }: ResolvedSweep, registry: PluginRegistry): Set<string> {
  const known = new Set(Object.keys(experimentSpecSchema.shape));
  const defaults = experimentSpecSchema.safeParse({ apiVersion: 1, name: 'defaults' });
  for (const slot of SLOTS) {
    known.add(`${slot}.use`);
    const uses = [
      valueAt(base, `${slot}.use`) ?? (defaults.success ? defaults.data[slot].use : undefined),
      ...axes.flatMap((axis) => ('range' in axis ? [] : gridOf(axis).map((piece) => piece[`${slot}.use`]))),
      ...(points ?? []).map((point) => point[`${slot}.use`]),
    ];
    for (const use of uses) for (const option of optionsOf(use, registry)) known.add(`${slot}.with.${option}`);
  }
  for (const [step, { options }] of Object.entries(STEPS))
    for (const option of Object.keys(options.shape)) known.add(`steps.${step}.${option}`);
  return known;
}

function optionsOf(use: unknown, registry: PluginRegistry): string[] {
  if (typeof use !== 'string') return [];
  try {
    return Object.keys(registry.find(use).options.shape);
  } catch {
    // A plugin that there is not is an error of the trial that uses it.
    return [];
  }
}
