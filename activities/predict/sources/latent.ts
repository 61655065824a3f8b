import { canonicalCell } from '../../../lib/crystal/canonical-cell.js';
import type { Rng } from '../../../lib/random/rng.js';
import type { EncoderModel } from '../../../plugins/contract/encoder.js';
import type { Optimizer } from '../../../plugins/contract/optimizer.js';
import type { Scorer } from '../../../plugins/contract/scorer.js';
import type { SurrogateModel } from '../../../plugins/contract/surrogate.js';
import type { Crystal } from '../../../schemas/crystal.js';
import { decodeLowest } from '../decode-lowest.js';
import { drawLatents } from '../latent-starts.js';
import { walkDownhill } from '../walk.js';
import type { CellSizes } from './cell-sizes.js';
import type { CandidateSource } from './source.js';

/** The parts of a trained model that the search uses. */
export interface SearchModel {
  encoder: EncoderModel;
  /** null: latents are decoded where they are. */
  surrogate: SurrogateModel | null;
  /** Raw training latents, m x d; may be empty. */
  reference: Float32Array;
}

/** What the three latent sources of a compound share. */
export interface LatentOptions {
  model: SearchModel;
  optimizer: Optimizer;
  scorer: Scorer;
  /** Crystals decoded from each latent; the lowest sane one goes on. */
  draws: number;
  signal: AbortSignal;
}

/** Training latents (the prior's, where there are none), walked downhill on the surrogate and decoded. */
export function latentWalkSource(sizes: CellSizes, options: LatentOptions): CandidateSource {
  const { encoder, reference } = options.model;
  return {
    name: reference.length > 0 ? 'training latent' : 'prior',
    propose: async (count, rng) =>
      await walked(drawLatents(reference, encoder.dimension, count, rng), sizes.take(count), options),
  };
}

/** Training latents (the prior's, where there are none), decoded where they are. */
export function latentSampleSource(sizes: CellSizes, options: LatentOptions): CandidateSource {
  const { encoder, reference } = options.model;
  return {
    name: 'latent sample',
    propose: async (count, rng) =>
      await decoded(drawLatents(reference, encoder.dimension, count, rng), sizes.take(count), options),
  };
}

/**
 * Relaxed random crystals, encoded, walked downhill and decoded.
 * @param minima what random starts have relaxed to; each is taken once, in turn
 */
export function walkFromRandomSource(minima: readonly Crystal[], options: LatentOptions): CandidateSource {
  let taken = 0;
  return {
    name: 'walk from random start',
    propose: async (count: number, _: Rng) => {
      const starts = minima.slice(taken, taken + count).map((crystal) => canonicalCell(crystal));
      taken += starts.length;
      if (starts.length === 0) return [];
      const latents = await options.model.encoder.encode(starts);
      return await walked(
        latents,
        starts.map(({ species }) => species),
        options,
      );
    },
  };
}

async function walked(latents: Float32Array, species: string[][], options: LatentOptions) {
  const { optimizer, signal } = options;
  const { surrogate, reference } = options.model;
  const lower = surrogate ? await walkDownhill(optimizer, surrogate, reference, latents, signal) : latents;
  return await decoded(lower, species, options);
}

const decoded = async (latents: Float32Array, species: string[][], { model, scorer, draws }: LatentOptions) =>
  await decodeLowest(model.encoder, scorer, latents, { draws, species });
