import type { Composition, Crystal, Vec3 } from '../../schemas/crystal.js';
import { compositionOf } from '../crystal/composition.js';
import { latticeFromParameters } from '../crystal/lattice.js';
import { type SpaceGroup, spaceGroup } from '../crystal/space-group.js';
import type { WyckoffPosition } from '../crystal/wyckoff.js';
import { symmetricCrystal } from '../relax/symmetric-start.js';
import { conventionalShape } from '../relax/system-lattice.js';

/** Edges (A) and angle beta (degrees) of a conventional cell; what is left out follows from the crystal system. */
export interface ConventionalCell {
  a: number;
  b?: number;
  c?: number;
  beta?: number;
}

/** A structure type as plain data: the compound it is named after, in the standard setting of International Tables. */
export interface StructureType {
  /** Mineral, compound or Strukturbericht name. */
  name: string;
  spaceGroup: number;
  cell: ConventionalCell;
  /**
   * Element -> its Wyckoff positions, `letter parameter...`, with the free ones of x, y, z in that order; several joined
   * by `+`: `c 0.4 + c 0.212 + a`.
   */
  sites: Readonly<Record<string, string>>;
  /** Other compounds that have it: the type is tried early for compounds like any of them. */
  like?: readonly string[];
}

/** Its crystal in a primitive cell. */
export function crystalOf({ spaceGroup: number, cell, sites }: StructureType): Crystal {
  const group = spaceGroup(number);
  const orbits = Object.entries(sites).flatMap(([element, text]) =>
    text.split('+').map((site) => ({ element, ...orbitOf(group, site) })),
  );
  const wyckoffs = Object.fromEntries(
    Object.keys(sites).map((e) => [e, orbits.filter((o) => o.element === e).map((o) => o.letter)]),
  );
  let next = 0;
  return symmetricCrystal(group, wyckoffs, latticeOf(group, cell), () => (orbits[next++] as { at: Vec3 }).at);
}

/** Atoms of its primitive cell. */
export function compositionOfType(type: StructureType): Composition {
  return compositionOf(crystalOf(type).species);
}

function orbitOf(group: SpaceGroup, site: string): { letter: string; at: Vec3 } {
  const [letter = '', ...numbers] = site.trim().split(/\s+/);
  const { free } = group.positions.find((p) => p.letter === letter) as WyckoffPosition;
  const values = numbers.map(Number);
  if (values.length !== free.filter(Boolean).length) {
    throw new RangeError(`site "${site}" of space group ${group.number} has ${free.filter(Boolean).length} parameters`);
  }
  let next = 0;
  return { letter, at: free.map((yes) => (yes ? (values[next++] as number) : 0)) as Vec3 };
}

function latticeOf({ system }: SpaceGroup, { a, b = a, c = a, beta = 90 }: ConventionalCell) {
  if (system === 'triclinic') throw new RangeError('no structure type here is triclinic');
  return latticeFromParameters(...conventionalShape(system, a, b, c, beta));
}
