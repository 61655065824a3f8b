import type { Crystal, Mat3, Vec3 } from '../../schemas/crystal.js';
import { linearAssignment } from './assignment.js';
import { averagedPrimitiveCell } from './averaged-primitive.js';
import { compositionOf, sameReducedFormula } from './composition.js';
import { nearestImage } from './displacement.js';
import { inverse, latticeFromParameters, latticeParameters, rowTimes, volume } from './lattice.js';
import { latticeMappings } from './lattice-mappings.js';
import { niggliReduce } from './niggli.js';

/** Tolerances of pymatgen's StructureMatcher. */
export interface MatchTolerances {
  /** Relative difference of lattice lengths. */
  ltol: number;
  /** Site displacement over (V/n)^(1/3). */
  stol: number;
  /** Difference of lattice angles, degrees. */
  angleTol: number;
}

/** The tolerances of published reconstruction rates. */
export const DEFAULT_TOLERANCES: MatchTolerances = { ltol: 0.3, stol: 0.5, angleTol: 10 };

/** pymatgen's two verdicts on a pair. */
export interface MatchResult {
  /** `StructureMatcher.fit`: some mapping moves no atom by more than stol. */
  match: boolean;
  /**
   * `StructureMatcher.get_rms_dist`: smallest root mean square displacement over (V/n)^(1/3), without dimension; null
   * when none is under stol. It may be given without a match, when a few atoms lie further off than stol; CDVAE's
   * reconstruction rates count those too.
   */
  rms: number | null;
}

/** pymatgen finds primitive cells with this tolerance (A) before it compares. */
const PRIMITIVE_TOLERANCE = 0.25;
/** Squared distance, A^2, of pairs that must not be assigned to each other. */
const FORBIDDEN = 1e6;
/** Two crystals this near (rms) are equal; the search ends. */
const EQUAL = 1e-5;

const wrapped = (x: number): number => Math.abs(x - Math.round(x));

/** Fractional reach of twice `distance` (A) along each axis. */
function reach(lattice: Mat3, distance: number): Vec3 {
  const m = inverse(lattice);
  return [0, 1, 2].map(
    (k) => 2 * distance * Math.hypot(m[0][k] as number, m[1][k] as number, m[2][k] as number),
  ) as Vec3;
}

/** Whether each atom of `b` has one of `a` of its species within `tolerance`, periodically. */
function covers(a: Vec3[], b: Vec3[], speciesA: string[], speciesB: string[], tolerance: Vec3): boolean {
  return b.every((y, j) =>
    a.some(
      (x, i) =>
        speciesA[i] === speciesB[j] &&
        wrapped(x[0] - y[0]) <= tolerance[0] &&
        wrapped(x[1] - y[1]) <= tolerance[1] &&
        wrapped(x[2] - y[2]) <= tolerance[2],
    ),
  );
}

/** Lengths (A) by which the atoms of `b` miss those of `a`, assigned one to one and shifted together to fit best. */
function misses(
  a: Vec3[],
  b: Vec3[],
  speciesA: string[],
  speciesB: string[],
  shortest: (x: Vec3, y: Vec3) => Vec3,
): Float64Array | undefined {
  const n = a.length;
  const vectors: Vec3[] = [];
  const cost = new Float64Array(n * n).fill(FORBIDDEN);
  for (let j = 0; j < n; j++) {
    for (let i = 0; i < n; i++) {
      const v: Vec3 = speciesA[i] === speciesB[j] ? shortest(b[j] as Vec3, a[i] as Vec3) : [0, 0, 0];
      vectors.push(v);
      if (speciesA[i] === speciesB[j]) cost[j * n + i] = v[0] * v[0] + v[1] * v[1] + v[2] * v[2];
    }
  }
  const assigned = linearAssignment(cost, n);
  const chosen = Array.from(assigned, (i, j) => vectors[j * n + i] as Vec3);
  if (assigned.some((i, j) => cost[j * n + i] === FORBIDDEN)) return undefined;
  const mean = [0, 1, 2].map((k) => chosen.reduce((sum, v) => sum + (v[k] as number), 0) / n) as Vec3;
  return Float64Array.from(chosen, (v) => Math.hypot(v[0] - mean[0], v[1] - mean[1], v[2] - mean[2]));
}

function averageLattice(a: Mat3, b: Mat3): Mat3 {
  const [p, q] = [latticeParameters(a), latticeParameters(b)];
  const mean = (x: Vec3, y: Vec3): Vec3 => [(x[0] + y[0]) / 2, (x[1] + y[1]) / 2, (x[2] + y[2]) / 2];
  return latticeFromParameters(mean(p.lengths, q.lengths), mean(p.angles, q.angles));
}

/** The species of which there are fewest: the translations to try bring one of its atoms onto another. */
function rarest(species: string[]): string {
  const [first] = Object.entries(compositionOf(species)).sort(([, m], [, n]) => m - n);
  return first?.[0] as string;
}

const scaledBy = (l: Mat3, factor: number): Mat3 => l.map((v) => v.map((x) => x * factor)) as Mat3;

/** Primitive cells with equal numbers of atoms of each species, at their common volume. */
function compare(a: Crystal, b: Crystal, tol: MatchTolerances): MatchResult {
  const ratio = (volume(b.lattice) / volume(a.lattice)) ** (1 / 6);
  const [latticeA, latticeB] = [scaledBy(a.lattice, ratio), scaledBy(b.lattice, 1 / ratio)];
  const kind = rarest(b.species);
  const origin = b.frac[b.species.indexOf(kind)] as Vec3;
  let best = Number.POSITIVE_INFINITY;
  let match = false;
  for (const { lattice, transformation } of latticeMappings(latticeA, latticeB, tol.ltol, tol.angleTol)) {
    const back = inverse(transformation);
    const fracA = a.frac.map((f) => rowTimes(f, back));
    const average = averageLattice(lattice, latticeB);
    const unit = Math.cbrt(volume(average) / a.frac.length);
    const tolerance = reach(average, tol.stol * unit);
    let shortest: ReturnType<typeof nearestImage> | undefined;
    for (const [i, start] of fracA.entries()) {
      if (a.species[i] !== kind) continue;
      const shift = start.map((x, k) => x - (origin[k] as number)) as Vec3;
      const fracB = b.frac.map((f) => [f[0] + shift[0], f[1] + shift[1], f[2] + shift[2]] as Vec3);
      if (!covers(fracA, fracB, a.species, b.species, tolerance)) continue;
      shortest ??= nearestImage(average);
      const distances = misses(fracA, fracB, a.species, b.species, shortest);
      if (!distances) continue;
      const rms = Math.sqrt(distances.reduce((sum, d) => sum + d * d, 0) / distances.length) / unit;
      best = Math.min(best, rms);
      match ||= distances.every((d) => d / unit <= tol.stol);
      if (match && best < EQUAL) return { match, rms: best };
    }
  }
  return { match, rms: best < tol.stol ? best : null };
}

const primitive = (c: Crystal): Crystal => averagedPrimitiveCell(c, PRIMITIVE_TOLERANCE);
const smaller = (a: Crystal, b: Crystal): Crystal => (b.species.length < a.species.length ? b : a);

/** A crystal for many comparisons: its cells are reduced once, when they are first needed. */
export class Comparable {
  private primitiveNiggli: Crystal | undefined;
  private primitiveGiven: Crystal | undefined;

  constructor(readonly crystal: Crystal) {}

  /** Primitive cell of the Niggli cell. */
  get cell(): Crystal {
    this.primitiveNiggli ??= primitive(niggliReduce(this.crystal));
    return this.primitiveNiggli;
  }

  /** The smaller of that and the primitive cell of the cell as given. */
  get smallest(): Crystal {
    this.primitiveGiven ??= primitive(this.crystal);
    return smaller(this.cell, this.primitiveGiven);
  }
}

/**
 * Whether two crystals are the same up to cell choice, volume and the tolerances: the algorithm of pymatgen's
 * `StructureMatcher(ltol, stol, angle_tol, primitive_cell=True, scale=True, attempt_supercell=False)` (Ong et al.,
 * Comput. Mater. Sci. 68 (2013) 314), `b` matched onto `a`.
 *
 * Which atoms fall together within pymatgen's tolerance depends on the cell they are given in. It looks at the Niggli
 * cell; where that leaves two primitive cells of different size the cells as given are looked at too.
 *
 * @throws LcomsError LCOMS_E_CRYSTAL when a lattice has no volume.
 */
export function matchStructures(
  a: Crystal | Comparable,
  b: Crystal | Comparable,
  tol: MatchTolerances = DEFAULT_TOLERANCES,
): MatchResult {
  const none: MatchResult = { match: false, rms: null };
  const [first, second] = [comparable(a), comparable(b)];
  if (!sameReducedFormula(compositionOf(first.crystal.species), compositionOf(second.crystal.species))) return none;
  if (first.cell.species.length === second.cell.species.length) return compare(first.cell, second.cell, tol);
  const [smallestFirst, smallestSecond] = [first.smallest, second.smallest];
  return smallestFirst.species.length === smallestSecond.species.length
    ? compare(smallestFirst, smallestSecond, tol)
    : none;
}

const comparable = (c: Crystal | Comparable): Comparable => (c instanceof Comparable ? c : new Comparable(c));
