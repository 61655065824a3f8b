import type { Crystal, Mat3, Vec3 } from '../../schemas/crystal.js';
import { latticeFromParameters } from './lattice.js';
import { conventionalCell, primitiveCell, rotations } from './symmetry.js';

/**
 * The primitive or conventional standard cell with lattice and positions exactly on the symmetry that is found within
 * `symprec` (A). The lattice's metric is the mean over the space group of W^T G W, so lengths and angles move by up to
 * about `symprec`; a along x, b in the xy plane. Energies per atom are carried over unchanged: score again what must be
 * exact. Where no consistent symmetry is found, the primitive cell is the crystal as given.
 *
 * @throws LcomsError LCOMS_E_CRYSTAL for a conventional cell where no consistent symmetry is found
 */
export function symmetrisedCell(c: Crystal, kind: 'primitive' | 'conventional', symprec = 0.05): Crystal {
  const cell = kind === 'primitive' ? primitiveCell(c, symprec) : conventionalCell(c, symprec);
  const group = rotations(cell, symprec);
  const metric = metricOf(cell.lattice);
  const mean = metric.map((row) => row.map(() => 0)) as Mat3;
  for (const w of group) {
    const image = transformed(metric, w);
    for (const i of [0, 1, 2] as const) {
      for (const j of [0, 1, 2] as const) mean[i][j] += image[i][j] / group.length;
    }
  }
  return { ...cell, lattice: latticeOf(mean) };
}

const dot = (a: Vec3, b: Vec3): number => a[0] * b[0] + a[1] * b[1] + a[2] * b[2];

function metricOf(l: Mat3): Mat3 {
  return l.map((a) => l.map((b) => dot(a, b))) as Mat3;
}

/** W^T G W */
function transformed(g: Mat3, w: Mat3): Mat3 {
  const columns = [0, 1, 2].map((j) => w.map((row) => row[j]) as Vec3);
  return columns.map((p) => columns.map((q) => dot(p, g.map((row) => dot(row, q)) as Vec3))) as Mat3;
}

function latticeOf(g: Mat3): Mat3 {
  const lengths: Vec3 = [Math.sqrt(g[0][0]), Math.sqrt(g[1][1]), Math.sqrt(g[2][2])];
  const angle = (i: 0 | 1 | 2, j: 0 | 1 | 2): number =>
    (Math.acos(g[i][j] / (lengths[i] * lengths[j])) * 180) / Math.PI;
  return latticeFromParameters(lengths, [angle(1, 2), angle(0, 2), angle(0, 1)]);
}
