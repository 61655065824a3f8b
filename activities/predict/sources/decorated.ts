import { canonicalCell } from '../../../lib/crystal/canonical-cell.js';
import { speciesOf } from '../../../lib/crystal/composition.js';
import { nearestDecorations } from '../../../lib/crystal/decorations.js';
import type { Template as Decorated } from '../../../lib/crystal/templates.js';
import { STRUCTURE_TYPES } from '../../../lib/prototypes/index.js';
import { crystalOf } from '../../../lib/prototypes/structure-type.js';
import type { EvaluateMany } from '../../../lib/scoring/evaluation.js';
import { solidGuard } from '../../../lib/scoring/guards.js';
import type { Composition } from '../../../schemas/crystal.js';
import { decodeLowest } from '../decode-lowest.js';
import { walkDownhill } from '../walk.js';
import type { DistinctCrystals } from './distinct-crystals.js';
import type { LatentOptions } from './latent.js';
import type { Candidate, CandidateSource } from './source.js';
import { type Template, takeNew } from './templates.js';

/** Decorations of each cell size. */
const EACH_SIZE = 64;
/** A: how far the decoder moves atoms from where they are. */
const NOISE = 0.3;

/**
 * Structure types of any stoichiometry, those of the library among them, with the elements on their sites in every way, of all cell
 * sizes, those of the most similar elements first; made when they are first asked for.
 */
export class Decorations {
  private all: Decorated[] | null = null;

  /** @param units formula units in a cell, ascending */
  constructor(
    private readonly unit: Composition,
    private readonly units: readonly number[],
    private readonly templates: readonly Template[],
  ) {}

  list(): readonly Decorated[] {
    if (this.all) return this.all;
    const known = [...this.templates.map(({ crystal }) => crystal), ...STRUCTURE_TYPES.map(crystalOf)];
    this.all = this.units
      .flatMap((count) => nearestDecorations(speciesOf(this.unit, count), known, EACH_SIZE))
      .sort((a, b) => a.cost - b.cost || a.crystal.species.length - b.crystal.species.length);
    return this.all;
  }
}

/** Decorations as they are, at the best of a few volumes. */
export function decorationSource(
  decorations: Decorations,
  { seen, evaluate }: { seen: DistinctCrystals; evaluate: EvaluateMany },
): CandidateSource {
  let left: Candidate[] | null = null;
  return {
    name: 'decoration',
    propose: async (count, rng) => {
      left ??= decorations.list().map(({ crystal, from }) => ({ crystal, note: from }));
      return await takeNew(left, count, { seen, evaluate, rng, what: 'decoration' });
    },
  };
}

/**
 * Decorations encoded, walked downhill on the surrogate, and decoded from where their atoms are: the decoder finds cell and
 * places that the training crystals would have.
 */
export function walkFromDecorationSource(decorations: Decorations, options: LatentOptions): CandidateSource {
  const { model, scorer, optimizer, draws, signal } = options;
  let at = 0;
  return {
    name: 'walk from decoration',
    propose: async (count) => {
      const chosen = decorations.list().slice(at, at + count);
      at += chosen.length;
      const starts = chosen.map(({ crystal, from }) => ({ crystal: canonicalCell(crystal), from }));
      const solid = starts.filter(({ crystal }) => solidGuard(crystal).ok);
      const broken = Array.from({ length: starts.length - solid.length }, () => 'decoration with overlapping atoms');
      if (solid.length === 0) return broken;
      const from = solid.map(({ crystal }) => crystal);
      const latents = await model.encoder.encode(from);
      const lower = model.surrogate
        ? await walkDownhill(optimizer, model.surrogate, model.reference, latents, signal)
        : latents;
      const lowest = await decodeLowest(model.encoder, scorer, lower, { draws, from, noise: NOISE });
      return [
        ...lowest.map((one, i) => (typeof one === 'string' ? one : { ...one, note: solid[i]?.from ?? '' })),
        ...broken,
      ];
    },
  };
}
