import type { Crystal } from '../../schemas/crystal.js';
import { compositionOf, reducedFormula } from './composition.js';
import { Comparable, type MatchTolerances, matchStructures } from './matcher.js';
import { nearestRelabelled, type Relabelled, ROUNDING } from './relabel.js';
import { elementDistance, substitute } from './substitution.js';
import { siteOrbits } from './symmetry.js';
import type { Template } from './templates.js';

/** Crystals whose decorations are looked at, those that take the compound's atoms most cheaply. */
const LOOKED_AT = 300;
/** Decorations of one crystal, the cheapest. */
const EACH = 24;
/** Partial decorations that are followed at a time. */
const BEAM = 256;
/** Starts that match so are one: free coordinates and axes find their values while they relax. */
const ALIKE: MatchTolerances = { ltol: 0.2, stol: 0.2, angleTol: 5 };
/** A: symmetry of a known crystal. */
const SYMPREC = 0.05;

/** A way to put elements on the orbits of a crystal. */
interface Decoration {
  /** Element of each site. */
  species: string[];
  /** Mean over the atoms of how unlike the elements are that trade places. */
  cost: number;
  /** Decorations that differ here are no structure of one type: space group, and elements on orbits of so many sites. */
  type: string;
}

/**
 * Every structure type that known crystals lend to a compound, with each way to put its elements on their sites, the most alike
 * elements first: where {@link nearestTemplates} gives a crystal its cheapest atoms only, here XYZ and YXZ both answer, and
 * of crystals of one type the nearest only. Sites that the space group makes equal get one element; where the numbers allow no such way,
 * the cheapest atoms are put on them as they come.
 *
 * Lazy: no way to put atoms on a crystal is cheaper than the cheapest that forgets symmetry, so crystals are looked at more closely
 * only when their turn comes.
 * @param species one symbol an atom of the cell
 * @param known crystals in primitive cells
 * @param count most to give
 */
export function* decorations(
  species: readonly string[],
  known: readonly Crystal[],
  count: number,
): Generator<Template, undefined> {
  const near = nearestRelabelled(known, species);
  let next = near.next().value;
  /** Those of the crystals looked at that have not had their turn, cheapest first; ties in the order of the crystals. */
  let waiting: { crystal: Crystal; decoration: Decoration }[] = [];
  const byType = new Map<string, Comparable[]>();
  for (let looked = 0, found = 0; found < count; ) {
    const first = waiting[0];
    if (next && (!first || next.made.cost < first.decoration.cost + ROUNDING)) {
      const { known: crystal } = next;
      const made = waysToDecorate(next, species).map((decoration) => ({ crystal, decoration }));
      waiting = [...waiting, ...made].sort((a, b) => a.decoration.cost - b.decoration.cost);
      next = ++looked < LOOKED_AT ? near.next().value : undefined;
      continue;
    }
    if (!first) break;
    const { crystal, decoration } = first;
    waiting.shift();
    const made = substitute(crystal, (_, site) => decoration.species[site] as string);
    const alike = byType.get(decoration.type) ?? [];
    byType.set(decoration.type, alike);
    const compared = new Comparable(made);
    if (alike.some((other) => matchStructures(compared, other, ALIKE).match)) continue;
    alike.push(compared);
    found++;
    yield { crystal: made, cost: decoration.cost, from: reducedFormula(compositionOf(crystal.species)) };
  }
}

/** All of {@link decorations} at once. */
export const nearestDecorations = (
  species: readonly string[],
  known: readonly Crystal[],
  count: number,
): Template[] => [...decorations(species, known, count)];

function waysToDecorate({ known, made }: Relabelled, species: readonly string[]): Decoration[] {
  const symmetric = decorationsOf(known, species);
  if (symmetric.length > 0) return symmetric;
  return [{ species: made.crystal.species, cost: made.cost, type: 'as they come' }];
}

/** The cheapest ways to put the atoms on whole orbits; none where the numbers allow none. */
function decorationsOf(template: Crystal, species: readonly string[]): Decoration[] {
  const { number, orbits } = siteOrbits(template, SYMPREC);
  const sites = new Map<number, number[]>();
  for (const [i, orbit] of orbits.entries()) sites.set(orbit, [...(sites.get(orbit) ?? []), i]);
  // Large orbits first: what has no room for them is soon dropped.
  const groups = [...sites.values()].sort((a, b) => b.length - a.length || (a[0] as number) - (b[0] as number));
  const elements = [...new Set(species)].sort();
  const wanted = elements.map((e) => species.filter((s) => s === e).length);
  let beam: { left: number[]; chosen: number[]; cost: number }[] = [{ left: wanted, chosen: [], cost: 0 }];
  for (const group of groups) {
    const from = template.species[group[0] as number] as string;
    const next = beam.flatMap(({ left, chosen, cost }) =>
      elements.flatMap((element, e) => {
        if ((left[e] as number) < group.length) return [];
        const rest = left.with(e, (left[e] as number) - group.length);
        return [{ left: rest, chosen: [...chosen, e], cost: cost + group.length * elementDistance(from, element) }];
      }),
    );
    beam = next.sort((a, b) => a.cost - b.cost).slice(0, BEAM);
  }
  return beam.slice(0, EACH).map(({ chosen, cost }) => {
    const placed = new Array<string>(species.length);
    for (const [k, group] of groups.entries())
      for (const site of group) placed[site] = elements[chosen[k] as number] as string;
    const occupied = groups.map((group, k) => `${group.length} ${elements[chosen[k] as number]}`);
    return { species: placed, cost: cost / species.length, type: `${number}: ${occupied.sort().join(', ')}` };
  });
}
