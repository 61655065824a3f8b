import type { Crystal, Mat3, Vec3 } from '../../schemas/crystal.js';
import { inverse, latticeParameters, multiply, rowTimes, wrap } from './lattice.js';
import { niggliReduce } from './niggli.js';

const nearestZero = (x: number): number => Math.abs(x - Math.round(x));

/** Whether two positions agree within `tolerance` along each axis (fractional), periodically. */
function near(a: Vec3, b: Vec3, tolerance: Vec3): boolean {
  return (
    nearestZero(a[0] - b[0]) < tolerance[0] &&
    nearestZero(a[1] - b[1]) < tolerance[1] &&
    nearestZero(a[2] - b[2]) < tolerance[2]
  );
}

const minus = (a: Vec3, b: Vec3): Vec3 => [a[0] - b[0], a[1] - b[1], a[2] - b[2]];
const gcd = (a: number, b: number): number => (b === 0 ? a : gcd(b, a % b));
const factors = (n: number): number[] => Array.from({ length: n }, (_, i) => i + 1).filter((i) => n % i === 0);

/** Hermite normal forms: each sublattice of index `det` once. */
function* hermiteForms(det: number): Generator<Mat3> {
  for (const a of factors(det)) {
    for (const e of factors(det / a)) {
      for (let b = 0; b < a; b++)
        for (let c = 0; c < a; c++)
          for (let f = 0; f < e; f++)
            yield [
              [a, b, c],
              [0, e, f],
              [0, 0, det / a / e],
            ];
    }
  }
}

/** Fractional coordinates by species, in order of species name. */
function bySpecies(c: Crystal): { species: string; frac: Vec3[] }[] {
  const groups = new Map<string, Vec3[]>();
  for (const [i, s] of c.species.entries()) {
    const group = groups.get(s) ?? [];
    group.push(c.frac[i] as Vec3);
    groups.set(s, group);
  }
  return [...groups].sort(([a], [b]) => (a < b ? -1 : 1)).map(([species, frac]) => ({ species, frac }));
}

/** Translations that map every atom within `tolerance` of one of its kind, the zero one included. */
function approximatePeriods(groups: Vec3[][], tolerance: Vec3): Vec3[] {
  const ordered = [...groups].sort((a, b) => a.length - b.length);
  const smallest = ordered[0] as Vec3[];
  let periods = smallest.map((f) => minus(f, smallest[0] as Vec3));
  for (const group of ordered)
    for (const origin of group)
      periods = periods.filter((p) => group.some((f) => near(p, minus(f, origin), tolerance)));
  return periods;
}

/** Atoms of one species that fall together in the smaller cell, averaged; undefined unless `size` of them do, each with each. */
function merge(
  frac: Vec3[],
  form: Mat3,
  size: number,
  tolerance: Vec3,
  apart: (a: Vec3, b: Vec3) => boolean,
): Vec3[] | undefined {
  const inCell = frac.map((f) => rowTimes(f, form));
  const together = inCell.map((a, i) =>
    inCell.map((b, j) => i === j || (near(a, b, tolerance) && apart(frac[i] as Vec3, frac[j] as Vec3))),
  );
  const members = together.map((row) => row.flatMap((yes, j) => (yes ? [j] : [])));
  const cliques = members.every((m) => m.length === size && m.every((i) => m.every((j) => together[i]?.[j])));
  if (!cliques) return undefined;
  return members
    .filter((m, i) => m[0] === i)
    .map((m) => {
      const first = inCell[m[0] as number] as Vec3;
      const sum: Vec3 = [0, 0, 0];
      for (const j of m)
        for (const k of [0, 1, 2] as const) {
          const offset = (inCell[j] as Vec3)[k] - first[k];
          sum[k] += offset - Math.round(offset);
        }
      return [first[0] + sum[0] / size, first[1] + sum[1] / size, first[2] + sum[2] / size];
    });
}

/** One step to a smaller cell, or undefined when there is none. */
function shrink(c: Crystal, tolerance: number): Crystal | undefined {
  const { lengths } = latticeParameters(c.lattice);
  const once = lengths.map((x) => tolerance / x) as Vec3;
  const twice = once.map((x) => 2 * x) as Vec3;
  const groups = bySpecies(c);
  const periods = approximatePeriods(
    groups.map((g) => g.frac),
    twice,
  );
  if (periods.length === 1) return undefined;
  // Atoms that are neighbours in the given cell never merge.
  const apart = (a: Vec3, b: Vec3): boolean => minus(a, b).some((x, k) => nearestZero(x) > (twice[k] as number));
  for (const det of factors(groups.reduce((n, g) => gcd(n, g.frac.length), 0)).slice(1)) {
    for (const form of hermiteForms(det)) {
      const back = inverse(form);
      if (!back.every((row) => periods.some((p) => near(row, p, once)))) continue;
      const lattice = multiply(back, c.lattice);
      const inside = latticeParameters(lattice).lengths.map((x) => tolerance / x) as Vec3;
      const merged = groups.map((g) => merge(g.frac, form, det, inside, apart));
      if (!merged.every((m) => m !== undefined)) continue;
      return {
        ...c,
        lattice,
        species: merged.flatMap((m, i) => m.map(() => (groups[i] as { species: string }).species)),
        frac: wrap(merged.flat()),
      };
    }
  }
  return undefined;
}

/**
 * Smallest cell whose translations hold within `tolerance` (A): atoms that they map on each other are averaged, the
 * lattice is not idealised. pymatgen's `Structure.get_primitive_structure(tolerance)`, returned as its Niggli cell;
 * a cell that is already smallest comes back Niggli-reduced.
 *
 * @throws LcomsError LCOMS_E_CRYSTAL when the lattice has no volume.
 */
export function averagedPrimitiveCell(c: Crystal, tolerance = 0.25): Crystal {
  let smallest = c;
  for (let next = shrink(c, tolerance); next; next = shrink(next, tolerance)) smallest = next;
  return niggliReduce(smallest);
}
