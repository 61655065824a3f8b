import type { Rng } from '../../../lib/random/rng.js';
import type { Crystal } from '../../../schemas/crystal.js';

/** Where candidates come from, in the order in which they are worth trying. */
export const SOURCES = [
  'template',
  'decoration',
  'prototype',
  'walk from decoration',
  'training latent',
  'prior',
  'latent sample',
  'random start',
  'symmetric start',
  'walk from random start',
] as const;
export type SourceName = (typeof SOURCES)[number];

/** A crystal that is worth relaxing, as it was made: not relaxed. */
export interface Candidate {
  crystal: Crystal;
  /** What it was made from, in a few words: `rutile`, `CaO`, `Pnma`; empty when there is nothing to say. */
  note: string;
}

/** Makes candidates for one composition. */
export interface CandidateSource {
  readonly name: SourceName;
  /**
   * At most `count` candidates; in place of one that came to nothing, in words why. Fewer than `count` when there are no
   * more at present. What it gives depends on what it gave before and on `rng` alone.
   * @throws the signal's reason when aborted
   */
  propose(count: number, rng: Rng): Promise<(Candidate | string)[]>;
}
