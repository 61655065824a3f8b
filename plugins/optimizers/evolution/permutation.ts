import type { Rng } from '../../../lib/random/rng.js';
import type { Crystal } from '../../../schemas/crystal.js';

/**
 * Exchanges pairs of unlike atoms (Oganov and Glass 2006): from one to `most` of them, each atom at most once, so that the
 * child is never its parent. Places and lattice stay.
 *
 * @returns null when there are no unlike atoms
 */
export function permutation({ lattice, species, frac }: Crystal, rng: Rng, most: number): Crystal | null {
  const wanted = 1 + rng.int(most);
  const child = [...species];
  let free = rng.shuffle(species.map((_, i) => i));
  for (let pair = 0; pair < wanted; pair++) {
    const first = free.find((i) => free.some((j) => species[j] !== species[i]));
    const second = free.find((j) => first !== undefined && species[j] !== species[first]);
    if (first === undefined || second === undefined) {
      if (pair === 0) return null;
      break;
    }
    child[first] = species[second] as string;
    child[second] = species[first] as string;
    free = free.filter((i) => i !== first && i !== second);
  }
  return { lattice, species: child, frac };
}
