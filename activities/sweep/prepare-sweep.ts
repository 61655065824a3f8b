import type { ArtifactStore } from '../../lib/artifacts/artifact-store.js';
import type { PluginRegistry } from '../../plugins/registry.js';
import { LcomsError } from '../../schemas/errors.js';
import type { PlannedNode } from '../../schemas/node.js';
import type { Point, ResolvedSweep, SweepPlan } from '../../schemas/sweep.js';
import { type FileReferences, planNodes } from '../dag/plan-run.js';
import { checkPaths } from './known-paths.js';
import { type LoadedSweep, sweepHash, sweepIdOf } from './load-sweep.js';
import { countPoints, isAdaptive, pointFrom, pointsOf, seedsOf } from './points.js';
import { SweepSearch } from './search.js';
import { pointText, trialSpec } from './trial-spec.js';

/** Trials whose whole experiment is checked before a launch. */
const CHECKED = 200;

export interface PreparedSweep {
  plan: SweepPlan;
  /** The points that are known before anything ran: all, or the first ones of an optimizer. */
  points: Point[];
  /** Nodes of the experiments that were checked. */
  nodes: PlannedNode[];
}

/**
 * Checks a sweep as far as can be before anything runs: its axes, its number of trials, and the experiments of up to 200
 * trials, the ends of each axis among them.
 * @param store where the files that experiments name are put; null: they are only read
 * @throws LcomsError naming the file, the axis and the point
 */
export async function prepareSweep(
  { spec, file, baseFile }: LoadedSweep,
  registry: PluginRegistry,
  store: ArtifactStore | null,
  run: { createdAt: string; specFile: string; baseFile: string },
): Promise<PreparedSweep> {
  const count = countPoints(spec, file);
  checkPaths(spec, registry, file);
  checkObjective(spec, file);
  const points = isAdaptive(spec) ? (await SweepSearch.open(spec, registry, file)).first().points : [...pointsOf(spec)];
  const files: FileReferences = {};
  const seed = seedsOf(spec)[0] ?? null;
  const all: PlannedNode[] = [];
  for (const point of checked(spec, points)) {
    const nodes = await planned(spec, point, seed, { file, baseFile }, registry, store, files);
    checkPruned(spec, nodes, file);
    all.push(...nodes);
  }
  const hash = sweepHash(spec, files);
  const plan: SweepPlan = {
    version: 1,
    sweepId: sweepIdOf(spec.name, hash),
    name: spec.name,
    hash,
    spec,
    files,
    trials: count * seedsOf(spec).length,
    ...run,
  };
  return { plan, points, nodes: all };
}

async function planned(
  spec: ResolvedSweep,
  point: Point,
  seed: number | null,
  { file, baseFile }: { file: string; baseFile: string },
  registry: PluginRegistry,
  store: ArtifactStore | null,
  files: FileReferences,
): Promise<PlannedNode[]> {
  const experiment = trialSpec(spec, point, seed, file);
  try {
    return await planNodes(experiment, registry, baseFile, store, files);
  } catch (error) {
    if (!(error instanceof LcomsError)) throw error;
    const text = `${pointText(point)}: ${error.message}`;
    throw new LcomsError(error.code, text, { ...error.options, file, hint: error.hint });
  }
}

/** All points; or the ends of every axis and points spread over the whole. */
function checked(spec: ResolvedSweep, points: readonly Point[]): Point[] {
  const ends = isAdaptive(spec)
    ? [0, 1].flatMap((end) =>
        spec.axes.map((_, i) =>
          pointFrom(
            spec,
            spec.axes.map((__, j) => (i === j ? end : 0.5)),
          ),
        ),
      )
    : [];
  if (points.length <= CHECKED) return [...points, ...ends];
  const seen = new Set<string>();
  // The first point with each value of each path, as far as there is room.
  const telling = points.filter((point) => {
    const fresh = Object.entries(point).filter(([path, value]) => !seen.has(`${path} ${JSON.stringify(value)}`));
    for (const [path, value] of fresh) seen.add(`${path} ${JSON.stringify(value)}`);
    return fresh.length > 0;
  });
  const every = Math.max(1, Math.floor((2 * telling.length) / CHECKED));
  return telling.filter((_, i) => i < CHECKED / 2 || i % every === 0).slice(0, CHECKED);
}

function checkObjective({ objective, search, stop }: ResolvedSweep, file: string): void {
  if (objective) return;
  const needs = search.method === 'optimizer' ? 'an optimizer' : stop.target === undefined ? null : 'a target';
  if (needs)
    throw new LcomsError('LCOMS_E_SPEC', `${needs} needs an objective: which metric of the report counts?`, {
      file,
      path: 'objective',
      hint: 'E.g. `objective: {metric: lcom.hit10, goal: maximize}`; `lcoms run --json` prints the metrics.',
    });
}

function checkPruned({ prune }: ResolvedSweep, nodes: readonly PlannedNode[], file: string): void {
  if (!prune || nodes.some(({ id }) => id === prune.node)) return;
  const trainings = nodes.filter(({ step }) => step.startsWith('train-')).map(({ id }) => id);
  throw new LcomsError(
    'LCOMS_E_SPEC',
    `the experiment has no node "${prune.node}"; its trainings are ${trainings.join(', ') || 'none'}`,
    { file, path: 'prune.node' },
  );
}
