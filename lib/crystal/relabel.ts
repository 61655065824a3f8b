import type { Crystal } from '../../schemas/crystal.js';
import { linearAssignment } from './assignment.js';
import { elementDistance, substitute } from './substitution.js';

export interface Relabelling {
  /** The template with the wanted atoms on its sites, its volume scaled by the sums of cubed covalent radii. */
  crystal: Crystal;
  /** Mean over the atoms of how unlike the elements are that trade places. */
  cost: number;
}

/**
 * Puts the wanted atoms on the sites of a crystal with as many atoms, whatever its stoichiometry, so that the elements
 * that trade places are as alike as can be. Where an element's sites are shared between two, which site gets which
 * follows the order of the sites.
 * @param species one symbol an atom, n of them, in any order
 * @returns null when the numbers of atoms differ
 */
export function relabel(template: Crystal, species: readonly string[]): Relabelling | null {
  const n = template.species.length;
  if (species.length !== n) return null;
  const cost = new Float64Array(n * n);
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < n; j++) {
      cost[i * n + j] = elementDistance(template.species[i] as string, species[j] as string);
    }
  }
  const places = linearAssignment(cost, n);
  const taken = Array.from(places, (j) => species[j] as string);
  const total = places.reduce((sum, j, i) => sum + (cost[i * n + j] as number), 0);
  return { crystal: substitute(template, (_, i) => taken[i] as string), cost: total / n };
}

/** A known crystal and the cheapest way to put the wanted atoms on its sites. */
export interface Relabelled {
  known: Crystal;
  made: Relabelling;
}

/** Costs that differ by less are one: sums of the same numbers in another order. */
export const ROUNDING = 1e-9;

/**
 * The known crystals of as many atoms, those that take the wanted ones most cheaply first, ties by place in `known`. Lazy: a crystal
 * can't cost less than if every site took the most alike element, and is relabelled when its turn by that comes.
 */
export function* nearestRelabelled(
  known: readonly Crystal[],
  species: readonly string[],
): Generator<Relabelled, undefined> {
  const promising = known
    .filter((crystal) => crystal.species.length === species.length)
    .map((crystal, place) => ({ crystal, place, bound: leastCost(crystal.species, species) }))
    .sort((a, b) => a.bound - b.bound);
  /** Relabelled, in order. */
  const waiting: (Relabelled & { place: number })[] = [];
  for (const { crystal, place, bound } of promising) {
    for (let first = waiting[0]; first && first.made.cost + ROUNDING < bound; first = waiting[0]) {
      waiting.shift();
      yield first;
    }
    const made = relabel(crystal, species);
    if (!made) continue;
    waiting.push({ known: crystal, made, place });
    waiting.sort((a, b) => a.made.cost - b.made.cost || a.place - b.place);
  }
  yield* waiting;
}

/** No way to put the atoms on the sites has a lower mean cost. */
function leastCost(sites: readonly string[], atoms: readonly string[]): number {
  return Math.max(meanOfNearest(sites, atoms), meanOfNearest(atoms, sites));
}

function meanOfNearest(from: readonly string[], to: readonly string[]): number {
  const others = [...new Set(to)];
  const nearest = new Map<string, number>();
  let sum = 0;
  for (const element of from) {
    let least = nearest.get(element);
    if (least === undefined) {
      least = Math.min(...others.map((other) => elementDistance(element, other)));
      nearest.set(element, least);
    }
    sum += least;
  }
  return sum / from.length;
}
