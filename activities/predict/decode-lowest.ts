import { distanceGuard, volumeGuard } from '../../lib/scoring/guards.js';
import type { EncoderModel } from '../../plugins/contract/encoder.js';
import type { Scorer } from '../../plugins/contract/scorer.js';
import type { Crystal } from '../../schemas/crystal.js';
import { LcomsError } from '../../schemas/errors.js';
import type { Candidate } from './sources/source.js';

interface DecodeOptions {
  /** Crystals decoded from each latent. */
  draws: number;
  /** Crystals that may be taken instead, one for each latent. */
  beside?: readonly Crystal[];
}

/** What the atoms of each latent are, or where they begin and by how much noise (A) they are moved first. */
type Atoms = { species: readonly string[][] } | { from: readonly Crystal[]; noise: number };

/**
 * Decodes each latent `draws` times and takes the lowest sane draw; in words why, where none is sane. An encoder that can't decode
 * from given coordinates draws nothing where some are given.
 * @param latents raw, k x d
 */
export async function decodeLowest(
  encoder: EncoderModel,
  scorer: Scorer,
  latents: Float32Array,
  options: DecodeOptions & Atoms,
): Promise<(Candidate | string)[]> {
  const { beside } = options;
  const d = encoder.dimension;
  const count = latents.length / d;
  const draws = 'from' in options && !encoder.decodeFrom ? 0 : options.draws;
  const rows = new Float32Array(count * draws * d);
  for (let i = 0; i < count; i++)
    for (let k = 0; k < draws; k++) rows.set(latents.subarray(i * d, (i + 1) * d), (i * draws + k) * d);
  const repeated = <T>(each: readonly T[]): T[] => each.flatMap((one) => Array.from({ length: draws }, () => one));
  let crystals: Crystal[] = [];
  if ('species' in options) crystals = await encoder.decode(rows, repeated(options.species));
  else if (draws > 0) crystals = (await encoder.decodeFrom?.(rows, repeated(options.from), options.noise)) ?? [];
  const lowest: (Candidate | string)[] = [];
  for (let i = 0; i < count; i++) {
    const other = beside?.[i];
    const own = crystals.slice(i * draws, (i + 1) * draws);
    lowest.push(await lowestSane(scorer, other ? [...own, other] : own));
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
