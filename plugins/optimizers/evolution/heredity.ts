import { compositionOf } from '../../../lib/crystal/composition.js';
import { latticeFromParameters, latticeParameters, volume, wrap } from '../../../lib/crystal/lattice.js';
import { niggliReduce } from '../../../lib/crystal/niggli.js';
import type { Rng } from '../../../lib/random/rng.js';
import type { Crystal, Mat3, Vec3 } from '../../../schemas/crystal.js';

interface Site {
  element: string;
  frac: Vec3;
}

/**
 * Cut and splice (Oganov and Glass 2006; Lonie and Zurek 2011): both parents in Niggli cells, shifted at random, are cut by
 * one plane across a random base vector; one gives what lies before it, the other what lies behind. What is too much of an
 * element is left out at random, what lacks is taken at random from what the parents' other parts hold. Lattice and volume
 * are means of the parents', weighted by their shares of the cell.
 *
 * @param least smallest share of the cell of either parent
 * @returns a crystal of the parents' composition; its atoms may be too near to each other
 */
export function heredity(first: Crystal, second: Crystal, rng: Rng, least: number): Crystal {
  const [a, b] = [niggliReduce(first), niggliReduce(second)];
  const axis = rng.int(3);
  const cut = least + (1 - 2 * least) * rng.uniform();
  const [before, rest] = parted(a, axis, cut, rng);
  const [other, behind] = parted(b, axis, cut, rng);
  const chosen = rng.shuffle([...before, ...behind]);
  const spare = rng.shuffle([...rest, ...other]);
  const sites = Object.entries(compositionOf(first.species)).flatMap(([element, count]) =>
    [...chosen, ...spare].filter((site) => site.element === element).slice(0, count),
  );
  return {
    lattice: meanLattice(a.lattice, b.lattice, cut),
    species: sites.map(({ element }) => element),
    frac: sites.map(({ frac }) => frac),
  };
}

/** The atoms of a crystal, shifted together at random, before and behind the cut. */
function parted({ species, frac }: Crystal, axis: number, cut: number, rng: Rng): [Site[], Site[]] {
  const shift: Vec3 = [rng.uniform(), rng.uniform(), rng.uniform()];
  const shifted = wrap(frac.map((f) => f.map((x, k) => x + (shift[k] as number)) as Vec3));
  const sites = shifted.map((f, i): Site => ({ element: species[i] as string, frac: f }));
  const isBefore = ({ frac: f }: Site): boolean => (f[axis] as number) < cut;
  return [sites.filter(isBefore), sites.filter((site) => !isBefore(site))];
}

/** Both in one orientation, so that the mean of two alike is alike. */
function meanLattice(a: Mat3, b: Mat3, weight: number): Mat3 {
  const [p, q] = [a, b].map((lattice) => {
    const { lengths, angles } = latticeParameters(lattice);
    return latticeFromParameters(lengths, angles);
  }) as [Mat3, Mat3];
  const mean = p.map((row, i) => row.map((x, k) => weight * x + (1 - weight) * ((q[i] as Vec3)[k] as number))) as Mat3;
  const wanted = weight * volume(a) + (1 - weight) * volume(b);
  const scale = Math.cbrt(wanted / volume(mean));
  return mean.map((row) => row.map((x) => scale * x)) as Mat3;
}
