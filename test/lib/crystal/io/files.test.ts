import { describe, expect, it } from 'vitest';
import { type CrystalFormat, parseCrystals } from '../../../../lib/crystal/io/read.js';
import type { Crystal } from '../../../../schemas/crystal.js';
import { loadFixture } from '../fixtures.js';
import { expectSameCrystal } from './same-crystal.js';

interface FileCase {
  name: string;
  format: CrystalFormat;
  text: string;
  expected: Crystal;
}

const cases = loadFixture<FileCase[]>('files.json.gz');

describe('files of pymatgen and ASE', () => {
  it.each(cases.map((c) => [c.name, c] as const))(
    '%s holds the crystal that they read',
    (_, { text, format, name, expected }) => {
      const rows = parseCrystals(text, { name, format });
      expect(rows.map((r) => ('error' in r ? r.error.message : 'crystal'))).toEqual(['crystal']);
      const [row] = rows;
      if (!row || 'error' in row) return;
      expectSameCrystal(row.crystal, expected, 1e-3);
      if (expected.energyPerAtom !== undefined)
        expect(row.crystal.energyPerAtom).toBeCloseTo(expected.energyPerAtom, 9);
    },
  );
});
