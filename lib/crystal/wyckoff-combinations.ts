import type { Composition } from '../../schemas/crystal.js';
import type { Rng } from '../random/rng.js';
import type { SpaceGroup } from './space-group.js';
import { isFree, type WyckoffPosition } from './wyckoff.js';

/** Which positions the atoms of each element take: element -> letters in alphabetical order, one an orbit. */
export type WyckoffCombination = Readonly<Record<string, readonly string[]>>;

/**
 * Every way to put the atoms of a composition on the Wyckoff positions of a space group: each atom on one, each element's
 * orbits adding up to its count, a position without free coordinates taken at most once by all elements together.
 *
 * Nothing is listed in advance. Ways are counted by dynamic programming over (element, position, atoms left, positions
 * taken), from which the number of all, the k-th and a uniformly random one follow; the iterator gives them one by one in
 * the same order. The table takes 8 bytes for each such state that there could be, 4 MB at most for 20 atoms of three kinds.
 */
export class WyckoffCombinations implements Iterable<WyckoffCombination> {
  /** How many there are; 0 where the group can't hold the composition. Exact below 2^53, else within 1e-15 of it. */
  readonly size: number;
  private readonly positions: readonly WyckoffPosition[];
  private readonly elements: readonly [string, number][];
  /** Place of a position without free coordinates among these, -1 for others. */
  private readonly fixed: readonly number[];
  private readonly ways: Float64Array;
  private readonly most: number;
  private readonly masks: number;

  /**
   * @param group its positions are tried in the order of their letters
   * @param composition atoms in the **primitive** cell; elements in the order given
   */
  constructor(group: SpaceGroup, composition: Composition) {
    this.elements = Object.entries(composition);
    this.most = Math.max(0, ...Object.values(composition));
    // Positions that hold more than the most frequent element are never taken.
    this.positions = group.positions.filter(({ atoms }) => atoms <= this.most);
    let count = 0;
    this.fixed = this.positions.map((position) => (isFree(position) ? -1 : count++));
    this.masks = 2 ** count;
    this.ways = new Float64Array(this.elements.length * this.positions.length * (this.most + 1) * this.masks).fill(-1);
    this.size = this.count(0, 0, this.elements[0]?.[1] ?? 0, 0);
  }

  /**
   * The k-th of them, from 0.
   * @throws RangeError when there are not so many
   */
  at(index: number): WyckoffCombination {
    if (!(index >= 0 && index < this.size))
      throw new RangeError(`there are ${this.size} combinations, not ${index + 1}`);
    let rank = index;
    return this.walk((ways) => {
      if (rank < ways) return true;
      rank -= ways;
      return false;
    });
  }

  /**
   * One of them, each as likely as any other.
   * @throws RangeError when there are none
   */
  random(rng: Rng): WyckoffCombination {
    if (this.size === 0) throw new RangeError('there is no combination');
    return this.walk((ways, all) => ways === all || rng.uniform() * all < ways);
  }

  *[Symbol.iterator](): Iterator<WyckoffCombination> {
    yield* this.from(0, 0, this.elements[0]?.[1] ?? 0, 0, []);
  }

  /** Goes down the tree: at each fork `take` is told in how many of all ways the position at hand is taken. */
  private walk(take: (ways: number, all: number) => boolean): WyckoffCombination {
    const chosen: string[][] = [];
    for (let e = 0, mask = 0; e < this.elements.length; e++) {
      const letters: string[] = [];
      for (let p = 0, left = (this.elements[e] as [string, number])[1]; left > 0; ) {
        const taken = this.after(e, p, left, mask);
        const skipped = this.count(e, p + 1, left, mask);
        if (taken > 0 && take(taken, taken + skipped)) {
          letters.push((this.positions[p] as WyckoffPosition).letter);
          left -= (this.positions[p] as WyckoffPosition).atoms;
          const bit = this.fixed[p] as number;
          if (bit < 0) continue;
          mask |= 1 << bit;
        }
        p++;
      }
      chosen.push(letters);
    }
    return this.named(chosen);
  }

  private *from(e: number, p: number, left: number, mask: number, chosen: string[][]): Generator<WyckoffCombination> {
    if (e === this.elements.length) {
      yield this.named(chosen);
      return;
    }
    if (left === 0) {
      yield* this.from(e + 1, 0, this.elements[e + 1]?.[1] ?? 0, mask, chosen);
      return;
    }
    if (this.count(e, p, left, mask) === 0) return;
    const position = this.positions[p] as WyckoffPosition;
    if (this.after(e, p, left, mask) > 0) {
      const letters = [...(chosen[e] ?? []), position.letter];
      const bit = this.fixed[p] as number;
      const next = bit < 0 ? p : p + 1;
      yield* this.from(e, next, left - position.atoms, bit < 0 ? mask : mask | (1 << bit), [
        ...chosen.slice(0, e),
        letters,
      ]);
    }
    yield* this.from(e, p + 1, left, mask, chosen);
  }

  private named(chosen: readonly string[][]): WyckoffCombination {
    return Object.fromEntries(this.elements.map(([element], e) => [element, chosen[e] ?? []]));
  }

  /** Ways to place `left` atoms of element e on positions from p on, and all atoms of the elements after it. */
  private count(e: number, p: number, left: number, mask: number): number {
    if (e === this.elements.length) return 1;
    if (left === 0) return this.count(e + 1, 0, this.elements[e + 1]?.[1] ?? 0, mask);
    if (p === this.positions.length) return 0;
    const at = ((e * this.positions.length + p) * (this.most + 1) + left) * this.masks + mask;
    const held = this.ways[at] as number;
    if (held >= 0) return held;
    const found = this.after(e, p, left, mask) + this.count(e, p + 1, left, mask);
    this.ways[at] = found;
    return found;
  }

  /** Those of them in which position p is taken once (more). */
  private after(e: number, p: number, left: number, mask: number): number {
    const { atoms } = this.positions[p] as WyckoffPosition;
    const bit = this.fixed[p] as number;
    if (atoms > left) return 0;
    if (bit < 0) return this.count(e, p, left - atoms, mask);
    return mask & (1 << bit) ? 0 : this.count(e, p + 1, left - atoms, mask | (1 << bit));
  }
}
