import { distanceGuard, volumeGuard } from '../../lib/scoring/guards.js';
import type { EncoderModel } from '../../plugins/contract/encoder.js';
import type { Scorer } from '../../plugins/contract/scorer.js';
import type { Crystal } from '../../schemas/crystal.js';
import { LcomsError } from '../../schemas/errors.js';
import type { Candidate } from './sources/source.js';

/**
 * Decodes each latent `draws` times and takes the lowest sane draw; in words why, where none is sane.
 * @param latents raw, k x d
 * @param species atoms of each, k
 */
export async function decodeLowest(
  encoder: EncoderModel,
  scorer: Scorer,
  latents: Float32Array,
  species: readonly string[][],
  draws: number,
): Promise<(Candidate | string)[]> {
  const d = encoder.dimension;
  const rows = new Float32Array(species.length * draws * d);
  species.forEach((_, i) => {
    const row = latents.subarray(i * d, (i + 1) * d);
    for (let k = 0; k < draws; k++) rows.set(row, (i * draws + k) * d);
  });
  const repeated = species.flatMap((atoms) => Array.from({ length: draws }, () => atoms));
  const crystals = await encoder.decode(rows, repeated);
  const lowest: (Candidate | string)[] = [];
  for (let i = 0; i < species.length; i++) {
    lowest.push(await lowestSane(scorer, crystals.slice(i * draws, (i + 1) * draws)));
  }
  return lowest;
}

async function lowestSane(scorer: Scorer, crystals: readonly Crystal[]): Promise<Candidate | string> {
  const apart = crystals.filter((crystal) => distanceGuard(crystal).ok);
  if (apart.length === 0) return 'decoded with overlapping atoms';
  const sane = apart.filter((crystal) => volumeGuard(crystal).ok);
  if (sane.length === 0) return 'decoded outside the density of solids';
  const evaluations = await scorer.evaluate(sane);
  let best: { crystal: Crystal; energy: number } | null = null;
  for (const [i, crystal] of sane.entries()) {
    const evaluation = evaluations[i];
    if (evaluation === undefined || evaluation instanceof LcomsError || !Number.isFinite(evaluation.energy)) continue;
    if (best === null || evaluation.energy < best.energy) best = { crystal, energy: evaluation.energy };
  }
  return best === null ? 'not evaluated' : { crystal: best.crystal, note: '' };
}
