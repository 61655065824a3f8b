import type { Rng } from '../../../lib/random/rng.js';
import { randomCrystal } from '../../../lib/relax/random-start.js';
import { randomSymmetricCrystal } from '../../../lib/relax/symmetric-start.js';
import { LcomsError } from '../../../schemas/errors.js';
import type { CellSizes } from './cell-sizes.js';
import type { Candidate, CandidateSource } from './source.js';

/** Random cells with the atoms at random places. */
export function randomSource(sizes: CellSizes): CandidateSource {
  return drawing('random start', sizes, (species, rng) => ({ crystal: randomCrystal(species, rng), note: '' }));
}

/** Random crystals of random space groups, on Wyckoff positions. */
export function symmetricSource(sizes: CellSizes): CandidateSource {
  return drawing('symmetric start', sizes, (species, rng) => {
    const { crystal, spaceGroup } = randomSymmetricCrystal(species, rng);
    return { crystal, note: `space group ${spaceGroup}` };
  });
}

function drawing(
  name: CandidateSource['name'],
  sizes: CellSizes,
  draw: (species: readonly string[], rng: Rng) => Candidate,
): CandidateSource {
  return {
    name,
    propose: async (count, rng) =>
      sizes.take(count).map((species, i) => {
        try {
          return draw(species, rng.fork(i));
        } catch (error) {
          if (error instanceof LcomsError) return 'no random crystal without overlaps';
          throw error;
        }
      }),
  };
}
