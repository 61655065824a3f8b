import { setImmediate as nextTurn } from 'node:timers/promises';
import type { RelaxMethod } from '../../lib/relax/minimizer.js';
import { relaxMany } from '../../lib/relax/relax.js';
import type { EvaluateMany } from '../../lib/scoring/evaluation.js';
import { solidGuard } from '../../lib/scoring/guards.js';
import type { StructureSpace } from '../../lib/search/structure-space.js';
import type { Crystal } from '../../schemas/crystal.js';
import { LcomsError } from '../../schemas/errors.js';
import type { StepContext } from './context.js';
import type { Objective } from './drive-search.js';

/** Crystals that are evaluated between two signs of life. */
const TOGETHER = 64;

/** Relaxation steps of single crystals between two signs of life. */
const STEPS_PER_TICK = 16;

export interface StructureObjective {
  space: StructureSpace;
  /** What is asked for energies: the scorer, or a surrogate. */
  scorer: { evaluate: EvaluateMany };
  /** Steps that each crystal is relaxed by before its energy is read; 0: as it is. */
  relaxSteps: number;
  /** How; default fire. */
  method?: RelaxMethod;
  /** Counts points that make no crystal. */
  rejected: { points: number };
}

/** A crystal with its energy, eV/atom. */
interface Evaluated {
  crystal: Crystal;
  energy: number;
}

/**
 * Energy per atom (eV/atom) of points' crystals, or of the crystals themselves where a search asks for these; NaN for what
 * makes no crystal, cannot be evaluated, or has relaxed into no solid (lib/scoring/guards.ts): such a hole of a learned
 * potential would win every search.
 */
export function structureEnergies(context: StepContext, objective: StructureObjective): Objective {
  return async ({ points, crystals }) => {
    const asked = crystals ?? (await crystalsAt(points, objective));
    const values = new Float32Array(asked.length).fill(Number.NaN);
    const found = new Array<Crystal | null>(asked.length).fill(null);
    const rows = asked.flatMap((crystal, row) => (crystal ? { crystal, row } : []));
    for (let at = 0; at < rows.length; at += TOGETHER) {
      context.signal.throwIfAborted();
      const batch = rows.slice(at, at + TOGETHER);
      const evaluated = await evaluate(
        context,
        objective,
        batch.map(({ crystal }) => crystal),
      );
      evaluated.forEach((one, i) => {
        if (one === null || !Number.isFinite(one.energy)) return;
        const { row } = batch[i] as (typeof batch)[number];
        values[row] = one.energy;
        found[row] = one.crystal;
      });
      context.tick({ done: at, total: rows.length, unit: 'structures' });
    }
    return crystals ? { values, crystals: found } : { values };
  };
}

async function crystalsAt(points: Float32Array, { space, rejected }: StructureObjective): Promise<(Crystal | null)[]> {
  const d = space.dimension;
  const crystals: (Crystal | null)[] = [];
  for (let row = 0; row < points.length / d; row++) {
    const at = space.at(points.subarray(row * d, (row + 1) * d));
    if ('rejected' in at) rejected.points += 1;
    crystals.push('rejected' in at ? null : at.crystal);
    if (row % TOGETHER === 0) await nextTurn();
  }
  return crystals;
}

async function evaluate(
  { signal, tick }: StepContext,
  { scorer, relaxSteps, method }: StructureObjective,
  crystals: Crystal[],
): Promise<(Evaluated | null)[]> {
  if (relaxSteps === 0) {
    const found = await scorer.evaluate(crystals);
    return crystals.map((crystal, i) => {
      const e = found[i];
      return e === undefined || e instanceof LcomsError ? null : { crystal, energy: e.energy / crystal.species.length };
    });
  }
  let steps = 0;
  const relaxed = await relaxMany((batch) => scorer.evaluate(batch), crystals, {
    maxSteps: relaxSteps,
    signal,
    ...(method && { method }),
    onStep: () => {
      if (++steps % STEPS_PER_TICK === 0) tick({ done: steps, total: 0, unit: 'relaxation steps' });
    },
  });
  return relaxed.map((r) => {
    if (r instanceof LcomsError || !solidGuard(r.crystal).ok) return null;
    return { crystal: r.crystal, energy: r.energyPerAtom };
  });
}
