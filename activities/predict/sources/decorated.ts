import { canonicalCell } from '../../../lib/crystal/canonical-cell.js';
import { speciesOf } from '../../../lib/crystal/composition.js';
import { decorations } from '../../../lib/crystal/decorations.js';
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
 * sizes, those of the most similar elements first; each made when it is first asked for.
 */
export class Decorations {
  private readonly made: Decorated[] = [];
  /** The next one of each cell size, and those after it. */
  private sizes: { next: Decorated; rest: Iterator<Decorated> }[] | null = null;

  /** @param units formula units in a cell, ascending */
  constructor(
    private readonly unit: Composition,
    private readonly units: readonly number[],
    private readonly templates: readonly Template[],
  ) {}

  /** The decoration at a place of the order; undefined past the last. */
  at(place: number): Decorated | undefined {
    while (this.made.length <= place) {
      const next = this.next();
      if (next === undefined) return undefined;
      this.made.push(next);
    }
    return this.made[place];
  }

  private next(): Decorated | undefined {
    this.sizes ??= this.begin();
    const cheapest = this.sizes.reduce<number>((best, { next }, i, all) => {
      const least = all[best]?.next;
      return least === undefined || next.cost < least.cost ? i : best;
    }, -1);
    const size = this.sizes[cheapest];
    if (size === undefined) return undefined;
    const { next } = size;
    const after = size.rest.next();
    if (after.done) this.sizes.splice(cheapest, 1);
    else size.next = after.value;
    return next;
  }

  private begin() {
    const known = [...this.templates.map(({ crystal }) => crystal), ...STRUCTURE_TYPES.map(crystalOf)];
    return this.units.flatMap((count) => {
      const rest = decorations(speciesOf(this.unit, count), known, EACH_SIZE);
      const first = rest.next();
      return first.done ? [] : [{ next: first.value, rest }];
    });
  }
}

/** Decorations as they are, at the best of a few volumes. */
export function decorationSource(
  all: Decorations,
  { seen, evaluate }: { seen: DistinctCrystals; evaluate: EvaluateMany },
): CandidateSource {
  let place = 0;
  const next = (): Candidate | undefined => {
    const decoration = all.at(place++);
    return decoration && { crystal: decoration.crystal, note: decoration.from };
  };
  return {
    name: 'decoration',
    propose: async (count, rng) => await takeNew(next, count, { seen, evaluate, rng, what: 'decoration' }),
  };
}

/**
 * Decorations encoded, walked downhill on the surrogate, and decoded from where their atoms are: the decoder finds cell and
 * places that the training crystals would have.
 */
export function walkFromDecorationSource(all: Decorations, options: LatentOptions): CandidateSource {
  const { model, scorer, optimizer, draws, signal } = options;
  let place = 0;
  return {
    name: 'walk from decoration',
    propose: async (count) => {
      const chosen: Decorated[] = [];
      for (let next = all.at(place); next && chosen.length < count; next = all.at(++place)) chosen.push(next);
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
