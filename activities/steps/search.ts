import type { Rng } from '../../lib/random/rng.js';
import type { RelaxMethod } from '../../lib/relax/minimizer.js';
import { randomCrystal } from '../../lib/relax/random-start.js';
import { type StructureLimits, StructureSpace } from '../../lib/search/structure-space.js';
import type { Search } from '../../plugins/contract/optimizer.js';
import { guardSearch } from '../../plugins/optimizers/guard-search.js';
import type { Crystal } from '../../schemas/crystal.js';
import { LcomsError } from '../../schemas/errors.js';
import type { StepContext, StepFunction } from './context.js';
import { budgetMetrics, CpuBudget, cpuLimit, spentBefore } from './cpu-budget.js';
import { readRows } from './dataset-artifact.js';
import { type DrivenSearch, driveSearch } from './drive-search.js';
import { structureEnergies } from './evaluate-structures.js';
import { openObjective } from './structure-objective.js';

interface Options {
  formula: string;
  relaxSteps: number;
  method?: RelaxMethod;
  minDistanceRatio: number;
  minVolume: number;
  maxVolume: number;
  maxGap: number;
  spaceGroups?: number[];
  nothing?: 'fail' | 'random';
}

/** Tries of one number of atoms: they are searched together. */
interface Group extends DrivenSearch {
  space: StructureSpace;
  /** Places among the starts. */
  tries: number[];
}

/**
 * Searches the structures of the compound (lib/search/structure-space.ts) by the energy of the scorer, or of a surrogate over
 * crystals, one search a start. Only the starts' numbers of atoms are used. Gives the best crystal of each try: the point's
 * as it was found, or what a search over crystals was told of it; the score step relaxes it.
 */
export const search: StepFunction = async (context) => {
  const { formula, relaxSteps, method, nothing } = context.node.options as unknown as Options;
  const starts = await readRows<Crystal>(context, context.input('starts'), 'crystals.jsonl');
  const scorer = await openObjective(context, { formula, relaxSteps });
  const groups = await startGroups(context, starts);
  const rejected = { points: 0 };
  for (const group of groups) {
    const { space } = group;
    const objective = { space, scorer, relaxSteps, rejected, ...(method && { method }) };
    await driveSearch(context, group, structureEnergies(context, objective), groups);
  }
  const found = new Array<Crystal>(starts.length);
  let empty = 0;
  for (const group of groups) {
    for (const [row, crystal] of bestCrystals(group).entries()) {
      if (crystal === null && nothing !== 'random') throw nothingFound(formula, group.search.evaluations);
      const t = group.tries[row] as number;
      if (crystal === null) empty++;
      const answer = crystal ?? randomCrystal(group.space.species, context.rng.fork(`nothing/${t}`));
      found[t] = { ...answer, id: `${formula}/search/${t}` };
    }
  }
  const evaluations = groups.reduce((sum, group) => sum + group.search.evaluations, 0);
  const bytes = Buffer.from(found.map((c) => `${JSON.stringify(c)}\n`).join(''));
  return {
    blobs: [{ name: 'crystals.jsonl', bytes }],
    metrics: {
      tries: starts.length,
      evaluations,
      rejected: rejected.points,
      ...(empty > 0 && { nothing: empty }),
      ...summed(groups.map((group) => group.search.counts ?? {})),
      ...budgetMetrics(groups.map(({ budget }) => budget)),
    },
  };
};

/** The best crystal of each try of the group; null where every evaluation failed. */
function bestCrystals({ space, search: own }: Group): (Crystal | null)[] {
  const { points, values, crystals } = own.result();
  return Array.from(values, (value, row) => {
    if (!Number.isFinite(value)) return null;
    if (crystals) return crystals[row] ?? null;
    const at = space.at(points.subarray(row * space.dimension, (row + 1) * space.dimension));
    return 'rejected' in at ? null : at.crystal;
  });
}

/** The searches, new or as the newest checkpoint has them. */
async function startGroups(context: StepContext, starts: readonly Crystal[]): Promise<Group[]> {
  const { minDistanceRatio, minVolume, maxVolume, maxGap, spaceGroups } = context.node.options as unknown as Options;
  const limits: StructureLimits = {
    minDistanceRatio,
    volumeRange: [minVolume, maxVolume],
    maxGap,
    ...(spaceGroups && { spaceGroups }),
  };
  const optimizer = await context.create('optimizer', context.node.plugin);
  const saved = await context.pluginContext.checkpoint.latest();
  const sizes = [...new Set(starts.map(({ species }) => species.length))].sort((a, b) => a - b);
  return await Promise.all(
    sizes.map(async (size, g): Promise<Group> => {
      const name = `search-${g}.bin`;
      const begin = async (space: StructureSpace, tries: readonly number[]): Promise<Search> => {
        if (saved) return optimizer.restore(space, await saved.load(name));
        const points = tries.flatMap((t) => randomPoint(space, context.rng.fork(`start/${t}`)));
        return optimizer.start(space, Float32Array.from(points));
      };
      const tries = starts.flatMap(({ species }, t) => (species.length === size ? t : []));
      const space = new StructureSpace((starts[tries[0] as number] as Crystal).species, limits);
      const checked = { optimizer: context.node.plugin?.id ?? '', starts: tries.length, gradients: false };
      const budget = new CpuBudget(cpuLimit(context, tries.length), spentBefore(saved, g));
      return { name, space, tries, budget, search: guardSearch(await begin(space, tries), space, checked) };
    }),
  );
}

const randomPoint = (space: StructureSpace, rng: Rng): number[] =>
  Array.from(space.lower, (low, j) => low + rng.uniform() * ((space.upper[j] as number) - low));

function summed(counts: readonly Readonly<Record<string, number>>[]): Record<string, number> {
  const sums: Record<string, number> = {};
  for (const one of counts) for (const [name, count] of Object.entries(one)) sums[name] = (sums[name] ?? 0) + count;
  return sums;
}

const nothingFound = (formula: string, evaluations: number): LcomsError =>
  new LcomsError(
    'LCOMS_E_RUN_FAILED',
    `no structure of ${formula} was found in ${evaluations} evaluations: all were refused or failed`,
    {
      hint: 'Give the optimizer a larger budget, widen steps.search.minVolume, maxVolume and maxGap, or let such a try answer with a random cell: steps.search.nothing: random.',
    },
  );
