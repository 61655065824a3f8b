import { describe, expect, it } from 'vitest';
import { latticeParameters, volume } from '../../../lib/crystal/lattice.js';
import { matchStructures } from '../../../lib/crystal/matcher.js';
import { symmetrisedCell } from '../../../lib/crystal/symmetrise.js';
import { symmetry } from '../../../lib/crystal/symmetry.js';
import { Rng } from '../../../lib/random/rng.js';
import { prototypeStarts } from '../../../plugins/datasets/simulated/prototypes.js';
import type { Crystal, Mat3, Vec3 } from '../../../schemas/crystal.js';

/** Strained and rattled by about 0.005 A. */
function disturbed({ lattice, species, frac }: Crystal): Crystal {
  const rng = Rng.from('disturbed');
  return {
    lattice: lattice.map((row) => row.map((x) => x + 0.005 * rng.normal())) as Mat3,
    species,
    frac: frac.map((f) => f.map((x) => x + 0.001 * rng.normal()) as Vec3),
  };
}

// Cubic, hexagonal, tetragonal; face-centred and primitive.
const cases = [
  ...prototypeStarts({ Mg: 1, O: 1 }),
  ...prototypeStarts({ Ca: 1, F: 2 }),
  ...prototypeStarts({ Si: 1 }),
].map(({ name, crystal }) => ({ name: `${name} ${crystal.species.join('')}`, crystal }));

describe('symmetrisedCell', () => {
  it.each(cases)('$name: exact, and still the same crystal', ({ crystal }) => {
    const rough = disturbed(crystal);
    const group = symmetry(crystal, 0.05).number;
    expect(symmetry(rough, 1e-4).number).toBeLessThan(group);
    const cells = (['primitive', 'conventional'] as const).map((kind) => symmetrisedCell(rough, kind, 0.05));
    for (const cell of cells) {
      expect(symmetry(cell, 1e-5).number).toBe(group);
      expect(volume(cell.lattice) / cell.species.length).toBeCloseTo(volume(rough.lattice) / rough.species.length, 1);
      expect(matchStructures(cell, rough).rms).toBeLessThan(0.01);
    }
  });

  it('gives a cubic conventional cell for rock salt', () => {
    const b1 = prototypeStarts({ Mg: 1, O: 1 }).find(({ name }) => name === 'B1') as { crystal: Crystal };
    const cell = symmetrisedCell(disturbed(b1.crystal), 'conventional');
    const { lengths, angles } = latticeParameters(cell.lattice);
    expect(cell.species).toHaveLength(8);
    expect(Math.max(...lengths) - Math.min(...lengths)).toBeLessThan(1e-9);
    for (const angle of angles) expect(angle).toBeCloseTo(90, 9);
  });

  it('leaves a crystal without symmetry as it is', () => {
    const crystal: Crystal = {
      lattice: [
        [4, 0, 0],
        [0.3, 5, 0],
        [0.7, 1.1, 6],
      ],
      species: ['Mg', 'O', 'O'],
      frac: [
        [0, 0, 0],
        [0.31, 0.42, 0.53],
        [0.62, 0.17, 0.77],
      ],
    };
    const cell = symmetrisedCell(crystal, 'primitive');
    expect(symmetry(crystal, 0.05).number).toBe(1);
    expect(matchStructures(cell, crystal).rms).toBeLessThan(1e-6);
    expect(volume(cell.lattice)).toBeCloseTo(volume(crystal.lattice), 9);
  });
});
