import { matchStructures } from '../../../lib/crystal/matcher.js';
import { solidGuard } from '../../../lib/scoring/guards.js';
import type { JobRecord, SimulatedRow } from './job-log.js';

/** eV/atom below min(best prototype, median) of the formula: a hole of the potential, not a crystal. */
const HOLE_DEPTH = 0.3;
/** Matching crystals whose energies differ by less (eV/atom) are one minimum. */
const SAME_ENERGY = 0.005;

/** How many relaxed starts were left out, and why. */
export interface Rejected {
  failed: number;
  unconverged: number;
  guarded: number;
  holes: number;
  duplicates: number;
}

/**
 * The distinct local minima among relaxed starts, sorted by formula, energy and id: the same for the same records in
 * any order. Holes go first, so that they do not become anyone's lowest energy.
 */
export function selectMinima(records: Iterable<JobRecord>): { rows: SimulatedRow[]; rejected: Rejected } {
  const rejected: Rejected = { failed: 0, unconverged: 0, guarded: 0, holes: 0, duplicates: 0 };
  const formulas = new Map<string, SimulatedRow[]>();
  for (const record of records) {
    if ('error' in record) rejected.failed++;
    else if (!record.converged) rejected.unconverged++;
    else if (!solidGuard(record).ok) rejected.guarded++;
    else formulas.set(record.formula, [...(formulas.get(record.formula) ?? []), record]);
  }
  const rows: SimulatedRow[] = [];
  for (const formula of [...formulas.keys()].sort()) {
    const all = (formulas.get(formula) as SimulatedRow[]).sort(byEnergy);
    const solid = withoutHoles(all);
    const distinct = withoutDuplicates(solid);
    rejected.holes += all.length - solid.length;
    rejected.duplicates += solid.length - distinct.length;
    rows.push(...distinct);
  }
  return { rows, rejected };
}

const byEnergy = (a: SimulatedRow, b: SimulatedRow): number =>
  a.energyPerAtom - b.energyPerAtom || (a.id < b.id ? -1 : a.id > b.id ? 1 : 0);

/** `sorted` by energy. */
function withoutHoles(sorted: SimulatedRow[]): SimulatedRow[] {
  const median = (sorted[Math.floor(sorted.length / 2)] as SimulatedRow).energyPerAtom;
  const prototype = sorted.find((row) => row.start !== 'random')?.energyPerAtom ?? median;
  const floor = Math.min(prototype, median) - HOLE_DEPTH;
  return sorted.filter((row) => row.energyPerAtom >= floor);
}

/** `sorted` by energy; of each minimum the lowest row stays. */
function withoutDuplicates(sorted: SimulatedRow[]): SimulatedRow[] {
  const kept: SimulatedRow[] = [];
  for (const row of sorted) {
    let known = false;
    for (let i = kept.length - 1; i >= 0 && !known; i--) {
      const other = kept[i] as SimulatedRow;
      if (row.energyPerAtom - other.energyPerAtom > SAME_ENERGY) break;
      known = matchStructures(row, other).match;
    }
    if (!known) kept.push(row);
  }
  return kept;
}
