import { distanceGuard, volumeGuard } from '../../lib/scoring/guards.js';
import type { EncoderModel } from '../../plugins/contract/encoder.js';
import type { Scorer } from '../../plugins/contract/scorer.js';
import type { Crystal } from '../../schemas/crystal.js';
import { lowestOf, scoredSane } from '../steps/lowest-distinct.js';
import type { Candidate } from './sources/source.js';

/** What the atoms of each latent are, or where they begin and by how much noise (A) they are moved first. */
type Atoms = { species: readonly string[][] } | { from: readonly Crystal[]; noise: number };

/**
 * Decodes each latent `draws` times and takes the lowest sane draw; in words why, where none is sane. An encoder that can't decode
 * from given coordinates decodes from anywhere.
 * @param latents raw, k x d
 * @param options.draws crystals decoded from each latent
 */
export async function decodeLowest(
  encoder: EncoderModel,
  scorer: Scorer,
  latents: Float32Array,
  options: { draws: number } & Atoms,
): Promise<(Candidate | string)[]> {
  const { draws } = options;
  const d = encoder.dimension;
  const count = latents.length / d;
  const rows = new Float32Array(count * draws * d);
  for (let i = 0; i < count; i++)
    for (let k = 0; k < draws; k++) rows.set(latents.subarray(i * d, (i + 1) * d), (i * draws + k) * d);
  const repeated = <T>(each: readonly T[]): T[] => each.flatMap((one) => Array.from({ length: draws }, () => one));
  const crystals =
    'from' in options && encoder.decodeFrom
      ? await encoder.decodeFrom(rows, repeated(options.from), options.noise)
      : await encoder.decode(rows, repeated('from' in options ? options.from.map((c) => c.species) : options.species));
  const lowest: (Candidate | string)[] = [];
  for (let i = 0; i < count; i++) lowest.push(await lowestSane(scorer, crystals.slice(i * draws, (i + 1) * draws)));
  return lowest;
}

async function lowestSane(scorer: Scorer, crystals: readonly Crystal[]): Promise<Candidate | string> {
  const best = lowestOf(await scoredSane(scorer, crystals));
  if (best !== null) return { crystal: best.crystal, note: '' };
  const apart = crystals.filter((crystal) => distanceGuard(crystal).ok);
  if (apart.length === 0) return 'decoded with overlapping atoms';
  return apart.some((crystal) => volumeGuard(crystal).ok) ? 'not evaluated' : 'decoded outside the density of solids';
}
