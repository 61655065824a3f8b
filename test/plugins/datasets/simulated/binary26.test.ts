import { existsSync, readFileSync } from 'node:fs';
import { parse } from 'csv-parse/sync';
import { describe, expect, it } from 'vitest';
import { symmetry } from '../../../../lib/crystal/symmetry.js';
import { allOf, distanceGuard, volumeGuard } from '../../../../lib/scoring/guards.js';
import { BINARY26, binary26Polymorphs } from '../../../../plugins/datasets/simulated/binary26.js';
import { knownPolymorphs } from '../../../../plugins/datasets/simulated/known-polymorphs.js';
import { evaluateChgnet } from '../../../../plugins/scorers/chgnet/evaluate.js';
import { chgnetSession } from '../../../../plugins/scorers/chgnet/session.js';
import { LcomsError } from '../../../../schemas/errors.js';

const SPACE_GROUPS: Record<string, number> = { B1: 225, B2: 221, B3: 216, B4: 186, diamond: 227, graphite: 194 };
const rows = binary26Polymorphs();
const lowest = (formula: string) => rows.find((r) => r.formula === formula);

describe('the polymorphs of the 26 test compounds', () => {
  it('are there for all of them, lowest first, sound, and of the symmetry of their name', () => {
    expect([...new Set(rows.map((r) => r.formula))]).toEqual(Object.keys(BINARY26));
    for (const [i, row] of rows.entries()) {
      const before = rows[i - 1];
      if (before?.formula === row.formula) expect(row.energyPerAtom).toBeGreaterThanOrEqual(before.energyPerAtom);
      expect(allOf(distanceGuard(row), volumeGuard(row)).reasons).toEqual([]);
      expect(symmetry(row, 0.05).number).toBe(row.spaceGroup);
      const named = SPACE_GROUPS[row.prototype];
      if (named !== undefined) expect(row.spaceGroup).toBe(named);
    }
  });

  it('have the energies of the scorer that they name', async () => {
    const session = await chgnetSession('r2scan');
    const some = rows.filter((_, i) => i % 11 === 0);
    (await evaluateChgnet(session, some)).forEach((result, i) => {
      if (result instanceof LcomsError) throw result;
      const row = some[i] as (typeof some)[number];
      expect(Math.abs(result.energy / row.species.length - row.energyPerAtom)).toBeLessThan(1e-4);
    });
  });

  it('have the ground state of density functional theory or nature lowest, CdS within 2 meV/atom', () => {
    const off = Object.entries(BINARY26).filter(([formula, { dft, experiment }]) => {
      const name = lowest(formula)?.prototype.replace('-3R', '');
      return name !== dft && name !== experiment;
    });
    expect(off.map(([formula]) => formula)).toEqual(['CdS']);
    const wurtzite = rows.find((r) => r.formula === 'CdS' && r.prototype === 'B4');
    expect((wurtzite?.energyPerAtom ?? 0) - (lowest('CdS')?.energyPerAtom ?? 0)).toBeLessThan(0.002);
  });

  it('are found by formula', async () => {
    expect((await knownPolymorphs('NaCl')).map((p) => p.name)).toContain('B2');
    expect(await knownPolymorphs('NaBr')).toEqual([]);
  });
});

const matbench = new URL('../../../../../shared/data/heldout26_matbench.csv', import.meta.url);
describe.skipIf(!existsSync(matbench))('MatBench (skipped where ../shared is absent)', () => {
  it('has the same ground states by density functional theory; its carbon is an unphysical graphite', () => {
    const table = parse(readFileSync(matbench), { columns: true }) as { compound: string; spg_min: string }[];
    const differ = table.filter(
      ({ compound, spg_min }) => SPACE_GROUPS[BINARY26[compound]?.dft ?? ''] !== Number(spg_min),
    );
    expect(table).toHaveLength(26);
    expect(differ.map((d) => d.compound)).toEqual(['C']);
  });
});
