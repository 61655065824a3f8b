import { sameStructure } from '../../lib/crystal/same-structure.js';
import { distanceGuard, volumeGuard } from '../../lib/scoring/guards.js';
import type { EncoderModel } from '../../plugins/contract/encoder.js';
import type { Scorer } from '../../plugins/contract/scorer.js';
import type { Crystal } from '../../schemas/crystal.js';
import { LcomsError } from '../../schemas/errors.js';
import type { Tally } from './tally.js';

/** eV/atom: decoded crystals that differ by more are relaxed on their own even if they look alike. */
const ALIKE = 0.005;

/** A latent to decode: where try `id` came to. */
export interface WalkEnd {
  id: number;
  species: string[];
}

/** A decoded crystal that is worth relaxing, and the tries that gave it. */
export interface Proposal {
  crystal: Crystal;
  /** As decoded, eV/atom by the scorer. */
  energyPerAtom: number;
  tries: number[];
}

/**
 * Decodes each latent `draws` times, takes the lowest sane draw of each try, and joins tries that gave the same crystal.
 * Lowest energy first.
 * @param latents raw, one row an end
 */
export async function propose(
  encoder: EncoderModel,
  scorer: Scorer,
  latents: Float32Array,
  ends: readonly WalkEnd[],
  draws: number,
  tally: Tally,
): Promise<Proposal[]> {
  const d = encoder.dimension;
  const rows = new Float32Array(ends.length * draws * d);
  ends.forEach((_, i) => {
    const row = latents.subarray(i * d, (i + 1) * d);
    for (let k = 0; k < draws; k++) rows.set(row, (i * draws + k) * d);
  });
  const species = ends.flatMap((end) => Array.from({ length: draws }, () => end.species));
  const crystals = await encoder.decode(rows, species);
  const lowest: Proposal[] = [];
  for (const [i, { id }] of ends.entries()) {
    const best = await lowestSane(scorer, crystals.slice(i * draws, (i + 1) * draws), tally);
    if (best) lowest.push({ ...best, tries: [id] });
  }
  lowest.sort((a, b) => a.energyPerAtom - b.energyPerAtom);
  const distinct: Proposal[] = [];
  for (const proposal of lowest) {
    const same = distinct.find((other) => sameStructure(other, proposal, ALIKE));
    if (same) same.tries.push(...proposal.tries);
    else distinct.push(proposal);
  }
  return distinct;
}

async function lowestSane(
  scorer: Scorer,
  crystals: Crystal[],
  tally: Tally,
): Promise<{ crystal: Crystal; energyPerAtom: number } | null> {
  const sane = crystals.filter((crystal) => {
    if (!distanceGuard(crystal).ok) tally.count('decoded with overlapping atoms');
    else if (!volumeGuard(crystal).ok) tally.count('decoded outside the density of solids');
    else return true;
    return false;
  });
  const evaluations = await scorer.evaluate(sane);
  let best: { crystal: Crystal; energyPerAtom: number } | null = null;
  for (const [i, crystal] of sane.entries()) {
    const evaluation = evaluations[i];
    const energyPerAtom =
      evaluation === undefined || evaluation instanceof LcomsError
        ? Number.NaN
        : evaluation.energy / crystal.species.length;
    if (!Number.isFinite(energyPerAtom)) tally.count('not evaluated');
    else if (best === null || energyPerAtom < best.energyPerAtom) best = { crystal, energyPerAtom };
  }
  return best;
}
