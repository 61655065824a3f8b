import { canonicalJson } from '../lib/hashing/canonical-json.js';
import { sha256 } from '../lib/hashing/sha256.js';
import { Rng } from '../lib/random/rng.js';
import { PERTURBATIONS, type Perturbation, perturbed } from '../lib/relax/perturb.js';
import { solidGuard } from '../lib/scoring/guards.js';
import type { Crystal } from '../schemas/crystal.js';
import type { InputRow } from './crystal-batches.js';

/** What `lcoms data perturb` is asked for; all of it decides the bytes of the result. */
export interface PerturbSettings {
  kinds: Perturbation[];
  /** Perturbed crystals of each. */
  per: number;
  seed: number;
  maxAtoms: number;
}

/** Why a crystal has no row: counted, not explained one by one. */
export const SKIP_REASONS = {
  atoms: 'of more atoms than --max-atoms',
  offMinimum: 'perturbed already',
  unchanged: 'that no kind changes',
  overlap: 'whose atoms overlap in every draw',
} as const;
export type SkipReason = keyof typeof SKIP_REASONS;

/** Draws of one perturbation before it is left out. */
const DRAWS = 8;

/** The perturbed crystals of a row, or why there is none; a row that could not be read stays what it is. */
export function perturbedRows(row: InputRow, settings: PerturbSettings): (InputRow | { skipped: SkipReason })[] {
  if ('error' in row) return [row];
  if (row.offMinimum) return [{ skipped: 'offMinimum' }];
  if (row.crystal.species.length > settings.maxAtoms) return [{ skipped: 'atoms' }];
  const { lattice, species, frac } = row.crystal;
  // Named by what it is: neither its place nor what lies beside it matters.
  const rng = Rng.from(settings.seed)
    .fork('perturb')
    .fork(sha256(canonicalJson({ lattice, species, frac })));
  return Array.from({ length: settings.per }, (_, k) => {
    const drawn = draw(row.crystal, settings.kinds, rng.fork(k));
    if (typeof drawn === 'string') return { skipped: drawn };
    const { crystal, kind } = drawn;
    return { ...row, id: `${row.id}/${kind}/${k}`, crystal, offMinimum: { from: row.id, perturbation: kind } };
  });
}

function draw(
  crystal: Crystal,
  kinds: readonly Perturbation[],
  rng: Rng,
): { crystal: Crystal; kind: Perturbation } | SkipReason {
  // In one order, however they were listed.
  const order = rng.shuffle(PERTURBATIONS.filter((kind) => kinds.includes(kind)));
  for (const kind of order) {
    let possible = true;
    for (let t = 0; t < DRAWS && possible; t++) {
      const found = perturbed(crystal, kind, rng);
      if (found && solidGuard(found).ok) return { crystal: found, kind };
      possible = found !== null;
    }
    // Another kind stands in only for one that can't change the crystal: else easy kinds would crowd the others out.
    if (possible) return 'overlap';
  }
  return 'unchanged';
}
