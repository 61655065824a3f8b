import { execFileSync, spawnSync } from 'node:child_process';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type CrystalFormat, parseCrystals } from '../../../../lib/crystal/io/read.js';
import { type WritableFormat, writeCrystals } from '../../../../lib/crystal/io/write.js';
import { latticeFromParameters, latticeParameters } from '../../../../lib/crystal/lattice.js';
import { matchStructures } from '../../../../lib/crystal/matcher.js';
import { minimumDistance } from '../../../../lib/crystal/neighbours.js';
import type { Crystal } from '../../../../schemas/crystal.js';
import { crystalArbitrary } from '../arbitraries.js';
import { ROCKSALT } from '../fixtures.js';
import { expectSameCrystal } from './same-crystal.js';

// No negative zero: text does not keep it.
const energy = fc.option(
  fc.double({ min: -50, max: 50, noNaN: true }).map((x) => x + 0),
  { nil: undefined },
);
const labelled: fc.Arbitrary<Crystal> = fc
  .tuple(
    crystalArbitrary.filter((c) => minimumDistance(c) > 0.1),
    energy,
    energy,
    fc.stringMatching(/^[A-Za-z0-9._/-]{1,12}$/),
  )
  .map(([c, formation, perAtom, id]) => ({
    ...c,
    id,
    ...(formation === undefined ? {} : { formationEnergyPerAtom: formation }),
    ...(perAtom === undefined ? {} : { energyPerAtom: perAtom }),
  }));

function readBack(text: string, format: CrystalFormat): Crystal[] {
  return parseCrystals(text, { name: 'text', format }).map((row) => {
    if ('error' in row) throw new Error(row.error.message);
    return row.crystal;
  });
}

describe('what is written is read back', () => {
  it('JSON lines: every bit', () => {
    fc.assert(
      fc.property(fc.array(labelled, { minLength: 1, maxLength: 3 }), (crystals) => {
        expect(readBack(writeCrystals(crystals, 'jsonl'), 'jsonl')).toEqual(JSON.parse(JSON.stringify(crystals)));
      }),
    );
  });

  it('extended XYZ: lattice, id and energies to the bit, positions but for rounding', () => {
    fc.assert(
      fc.property(fc.array(labelled, { minLength: 1, maxLength: 3 }), (crystals) => {
        const back = readBack(writeCrystals(crystals, 'extxyz'), 'extxyz');
        expect(back).toHaveLength(crystals.length);
        for (const [i, c] of crystals.entries()) {
          const { id, formationEnergyPerAtom, energyPerAtom, species } = back[i] as Crystal;
          expect({ id, formationEnergyPerAtom, energyPerAtom, species }).toEqual({
            id: c.id,
            formationEnergyPerAtom: c.formationEnergyPerAtom,
            energyPerAtom: c.energyPerAtom,
            species: c.species,
          });
          expectSameCrystal(back[i] as Crystal, c, 1e-9);
        }
      }),
    );
  });

  it('POSCAR: in the same order', () => {
    fc.assert(
      fc.property(labelled, (c) => {
        const [back] = readBack(writeCrystals([c], 'poscar'), 'poscar') as [Crystal];
        expect(back.species).toEqual(c.species);
        expectSameCrystal(back, c, 1e-9);
      }),
    );
  });

  it('CIF: in its standard orientation, several blocks', () => {
    fc.assert(
      fc.property(fc.array(labelled, { minLength: 1, maxLength: 3 }), (crystals) => {
        const back = readBack(writeCrystals(crystals, 'cif'), 'cif');
        expect(back.map((c) => c.id)).toEqual(crystals.map((c) => c.id));
        for (const [i, c] of crystals.entries()) {
          const { lengths, angles } = latticeParameters(c.lattice);
          expectSameCrystal(back[i] as Crystal, { ...c, lattice: latticeFromParameters(lengths, angles) }, 1e-6);
        }
      }),
      { numRuns: 50 },
    );
  });

  it('refuses several crystals in a POSCAR and unknown formats', () => {
    expect(() => writeCrystals([ROCKSALT, ROCKSALT], 'poscar')).toThrow(
      expect.objectContaining({ code: 'LCOMS_E_INPUT' }),
    );
    expect(() => writeCrystals([ROCKSALT], 'pdb' as WritableFormat)).toThrow(/cif, poscar, extxyz, jsonl/);
  });
});

describe('pymatgen', () => {
  const available = spawnSync('python3', ['-c', 'import pymatgen.core']).status === 0;

  it.skipIf(!available)('reads our CIF and POSCAR (skipped where python3 has no pymatgen)', () => {
    const program =
      'import json,sys; from pymatgen.core import Structure; t=json.load(sys.stdin); ' +
      'print(json.dumps([{"lattice": s.lattice.matrix.tolist(), "species": [x.symbol for x in s.species], ' +
      '"frac": s.frac_coords.tolist()} for s in [Structure.from_str(x, fmt=f) for f, x in t]]))';
    const input = JSON.stringify((['cif', 'poscar'] as const).map((f) => [f, writeCrystals([ROCKSALT], f)]));
    const read = JSON.parse(
      execFileSync('python3', ['-W', 'ignore', '-c', program], { input, encoding: 'utf8' }),
    ) as Crystal[];
    expect(read).toHaveLength(2);
    for (const crystal of read) expect(matchStructures(ROCKSALT, crystal).rms).toBeLessThan(1e-6);
  });
});
