import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { determinant, latticeParameters, multiply, volume } from '../../../../lib/crystal/lattice.js';
import { Rng } from '../../../../lib/random/rng.js';
import {
  fitLatticeScale,
  latticeFromStandardised,
  latticeFromTarget,
  latticeTarget,
  standardise,
} from '../../../../plugins/encoders/cdvae/lattice-target.js';
import type { Mat3 } from '../../../../schemas/crystal.js';
import { rotation } from './crystals.js';

const number = (min: number, max: number) => fc.double({ min, max, noNaN: true });
const cell = fc
  .tuple(...Array.from({ length: 9 }, () => number(-8, 8)))
  .map((x) => [x.slice(0, 3), x.slice(3, 6), x.slice(6, 9)] as unknown as Mat3)
  .filter((m) => volume(m) > 1);

const close = (a: readonly number[], b: readonly number[], tolerance: number) => {
  a.forEach((x, i) => {
    expect(Math.abs(x - (b[i] as number))).toBeLessThan(tolerance);
  });
};

describe('lattice target', () => {
  test('gives back lengths, angles and a right-handed cell', () => {
    fc.assert(
      fc.property(cell, fc.integer({ min: 1, max: 40 }), (lattice, n) => {
        const back = latticeFromTarget(latticeTarget(lattice, n), n);
        const [a, b] = [latticeParameters(lattice), latticeParameters(back)];
        close(a.lengths, b.lengths, 1e-6);
        close(a.angles, b.angles, 1e-4);
        expect(determinant(back)).toBeGreaterThan(0);
      }),
    );
  });

  test('does not depend on how the cell is turned', () => {
    const rng = Rng.from('turn');
    fc.assert(
      fc.property(cell, (lattice) => {
        const turned = multiply(lattice, rotation(rng));
        close([...latticeTarget(lattice, 4)], [...latticeTarget(turned, 4)], 1e-7);
      }),
    );
  });

  test('its first three numbers add up to the logarithm of the volume per atom', () => {
    fc.assert(
      fc.property(cell, fc.integer({ min: 1, max: 40 }), (lattice, n) => {
        const [x, y, z] = latticeTarget(lattice, n) as unknown as [number, number, number];
        expect(x + y + z).toBeCloseTo(Math.log(volume(lattice) / n), 8);
      }),
    );
  });

  test('any numbers are a valid cell, and wild ones stay near the volumes of the data', () => {
    const rng = Rng.from('cells');
    const cells = Array.from({ length: 30 }, () =>
      latticeTarget(
        multiply(
          [
            [4, 0.3, 0],
            [0, 5, 0.4],
            [0.2, 0, 6],
          ],
          rotation(rng),
        ).map((row) => row.map((v) => v * (1 + 0.2 * rng.uniform()))) as Mat3,
        4,
      ),
    );
    const scale = fitLatticeScale(cells);
    const wild = fc.array(fc.oneof(number(-1e6, 1e6), fc.constantFrom(Number.NaN, Infinity)), {
      minLength: 6,
      maxLength: 6,
    });
    fc.assert(
      fc.property(wild, fc.integer({ min: 1, max: 40 }), (values, n) => {
        const lattice = latticeFromStandardised(values, n, scale);
        expect(lattice.flat().every(Number.isFinite)).toBe(true);
        const logVolume = Math.log(determinant(lattice) / n);
        expect(logVolume).toBeGreaterThan(scale.logVolume[0] - 0.7);
        expect(logVolume).toBeLessThan(scale.logVolume[1] + 0.7);
      }),
    );
    const first = cells[0] as Float64Array;
    close(
      latticeParameters(latticeFromStandardised(standardise(first, scale), 4, scale)).lengths,
      latticeParameters(latticeFromTarget(first, 4)).lengths,
      1e-6,
    );
  });
});
