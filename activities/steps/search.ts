import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Rng } from '../../lib/random/rng.js';
import { relaxMany } from '../../lib/relax/relax.js';
import { type StructureLimits, StructureSpace } from '../../lib/search/structure-space.js';
import type { Search } from '../../plugins/contract/optimizer.js';
import type { Scorer } from '../../plugins/contract/scorer.js';
import { guardSearch } from '../../plugins/optimizers/guard-search.js';
import type { Crystal } from '../../schemas/crystal.js';
import { LcomsError } from '../../schemas/errors.js';
import type { StepContext, StepFunction } from './context.js';
import { readRows } from './dataset-artifact.js';
import { driveSearch, type Objective } from './drive-search.js';
import { openObjective } from './structure-objective.js';

interface Options extends StructureLimits {
  formula: string;
  relaxSteps: number;
  minDistanceRatio: number;
  minVolume: number;
  maxVolume: number;
  maxGap: number;
}

/** Crystals that are evaluated between two signs of life. */
const TOGETHER = 64;

/** Tries of one number of atoms: they are searched together. */
interface Group {
  space: StructureSpace;
  /** Places among the starts. */
  tries: number[];
  search: Search;
}

/**
 * Searches the structures of the compound (lib/search/structure-space.ts) by the energy of
 * the scorer, or of a surrogate over crystals, one search a start. Only
 * the starts' numbers of atoms are used. Gives the best crystal of each try, as it was found: the score step relaxes it.
 */
export const search: StepFunction = async (context) => {
  const options = context.node.options as unknown as Options;
  const { formula, minDistanceRatio, minVolume, maxVolume, maxGap } = options;
  const starts = await readRows<Crystal>(context, context.input('starts'), 'crystals.jsonl');
  const scorer = await openObjective(context, options);
  const limits = { minDistanceRatio, volumeRange: [minVolume, maxVolume] as const, maxGap };
  const groups = await startGroups(context, starts, limits);
  const states = () => groups.map(({ search: s }, g) => ({ name: `search-${g}.bin`, bytes: s.state() }));
  const rejected = { points: 0 };
  for (const { space, search: own } of groups)
    await driveSearch(context, own, energyOf(context, space, scorer, options, rejected), states);

  const found = new Array<Crystal>(starts.length);
  for (const { space, tries, search: own } of groups) {
    const { points, values } = own.result();
    tries.forEach((t, row) => {
      const at = space.at(points.subarray(row * space.dimension, (row + 1) * space.dimension));
      if ('rejected' in at || !Number.isFinite(values[row])) throw nothingFound(formula, own.evaluations);
      found[t] = { ...at.crystal, id: `${formula}/search/${t}` };
    });
  }
  const evaluations = groups.reduce((sum, { search: own }) => sum + own.evaluations, 0);
  const bytes = Buffer.from(found.map((c) => `${JSON.stringify(c)}\n`).join(''));
  return {
    blobs: [{ name: 'crystals.jsonl', bytes }],
    metrics: { tries: starts.length, evaluations, rejected: rejected.points },
  };
};

/** The searches, new or as the newest checkpoint has them. */
async function startGroups(
  context: StepContext,
  starts: readonly Crystal[],
  limits: StructureLimits,
): Promise<Group[]> {
  const optimizer = await context.create('optimizer', context.node.plugin);
  const saved = await context.pluginContext.checkpoint.latest();
  const sizes = [...new Set(starts.map(({ species }) => species.length))].sort((a, b) => a - b);
  return await Promise.all(
    sizes.map(async (size, g): Promise<Group> => {
      const begin = async (space: StructureSpace, tries: readonly number[]): Promise<Search> => {
        if (saved) return optimizer.restore(space, await saved.load(`search-${g}.bin`));
        const points = tries.flatMap((t) => randomPoint(space, context.rng.fork(`start/${t}`)));
        return optimizer.start(space, Float32Array.from(points));
      };
      const tries = starts.flatMap(({ species }, t) => (species.length === size ? t : []));
      const space = new StructureSpace((starts[tries[0] as number] as Crystal).species, limits);
      const checked = { optimizer: context.node.plugin?.id ?? '', starts: tries.length, gradients: false };
      return { space, tries, search: guardSearch(await begin(space, tries), space, checked) };
    }),
  );
}

const randomPoint = (space: StructureSpace, rng: Rng): number[] =>
  Array.from(space.lower, (low, j) => low + rng.uniform() * ((space.upper[j] as number) - low));

/** Energy per atom (eV/atom) of a point's crystal, relaxed by `relaxSteps` steps; NaN for a point that makes none. */
function energyOf(
  context: StepContext,
  space: StructureSpace,
  scorer: Pick<Scorer, 'evaluate'>,
  { relaxSteps }: Options,
  rejected: { points: number },
): Objective {
  return async ({ points }) => {
    const d = space.dimension;
    const values = new Float32Array(points.length / d).fill(Number.NaN);
    const crystals: Crystal[] = [];
    const rows: number[] = [];
    for (let row = 0; row < values.length; row++) {
      const at = space.at(points.subarray(row * d, (row + 1) * d));
      if ('rejected' in at) rejected.points += 1;
      else {
        crystals.push(at.crystal);
        rows.push(row);
      }
      if (row % TOGETHER === 0) await nextTurn();
    }
    for (let at = 0; at < crystals.length; at += TOGETHER) {
      context.signal.throwIfAborted();
      const energies = await energiesOf(scorer, crystals.slice(at, at + TOGETHER), relaxSteps, context.signal);
      energies.forEach((energy, i) => {
        values[rows[at + i] as number] = energy;
      });
      context.tick({ done: at, total: crystals.length, unit: 'structures' });
    }
    return { values };
  };
}

/** eV/atom; NaN for what can't be evaluated. */
async function energiesOf(
  scorer: Pick<Scorer, 'evaluate'>,
  crystals: Crystal[],
  relaxSteps: number,
  signal: AbortSignal,
): Promise<number[]> {
  if (relaxSteps === 0) {
    const found = await scorer.evaluate(crystals);
    return found.map((e, i) =>
      e instanceof LcomsError ? Number.NaN : e.energy / (crystals[i] as Crystal).species.length,
    );
  }
  const relaxed = await relaxMany((batch) => scorer.evaluate(batch), crystals, { maxSteps: relaxSteps, signal });
  return relaxed.map((r) => (r instanceof LcomsError ? Number.NaN : r.energyPerAtom));
}

const nothingFound = (formula: string, evaluations: number): LcomsError =>
  new LcomsError(
    'LCOMS_E_RUN_FAILED',
    `no structure of ${formula} was found in ${evaluations} evaluations: all were refused or failed`,
    {
      hint: 'Give the optimizer a larger budget, or widen steps.search.minVolume, maxVolume and maxGap.',
    },
  );
