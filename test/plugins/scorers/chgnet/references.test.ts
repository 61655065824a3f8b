import { existsSync, readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { parse } from 'csv-parse/sync';
import { describe, expect, it } from 'vitest';
import { packagedFile } from '../../../../lib/package-root.js';
import { elementalEnergyPerAtom, formationEnergyPerAtom } from '../../../../lib/scoring/formation.js';
import { BINARY26, binary26Polymorphs } from '../../../../plugins/datasets/simulated/binary26.js';
import { elementReferences } from '../../../../plugins/scorers/chgnet/references.js';
import { chgnetScorer } from '../../../../plugins/scorers/chgnet/scorer.js';

interface Row {
  formula: string;
  species: string[];
  energyPerAtom: number;
}
const lowest = (formula: string) => {
  const row = binary26Polymorphs().find((r) => r.formula === formula);
  if (row === undefined) throw new Error(`no polymorph of ${formula}`);
  return row;
};

describe('element references', async () => {
  const { identity, elementReferences: energies } = await chgnetScorer();
  if (energies === null) throw new Error('no references');

  it('belong to CHGNet-r2SCAN and to no other scorer', () => {
    expect(elementReferences(identity)).toEqual(energies);
    expect(elementReferences({ ...identity, version: '0.3.0' })).toBeNull();
    expect(elementReferences({ ...identity, weights: null })).toBeNull();
  });

  it('cover every element of the embedded data, and make nearly all of its compounds stable against the elements', () => {
    const file = packagedFile('plugins/datasets/simulated/ax-minima.jsonl.gz');
    const rows = gunzipSync(readFileSync(file))
      .toString('utf8')
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Row);
    const best = new Map<string, number>();
    for (const { formula, species, energyPerAtom } of rows) {
      const formation = energyPerAtom - elementalEnergyPerAtom(species, energies);
      best.set(formula, Math.min(best.get(formula) ?? 0.5, formation));
    }
    const stable = [...best.values()].filter((e) => e < 0).length;
    expect(stable / best.size).toBeGreaterThan(0.85);
  });

  it('put diamond silicon and graphite at zero', () => {
    for (const formula of ['Si', 'C']) {
      const { energyPerAtom, species, scorer } = lowest(formula);
      const formation = formationEnergyPerAtom({ energyPerAtom, species, scorer }, { scorer: identity, energies });
      expect(Math.abs(formation)).toBeLessThan(0.005);
    }
  });

  const matbench = new URL('../../../../../shared/data/heldout26_matbench.csv', import.meta.url);
  it.skipIf(!existsSync(matbench))(
    'give formation energies near those of density functional theory (skipped where ../shared is absent)',
    () => {
      const table = parse(readFileSync(matbench), { columns: true }) as { compound: string; E_min: string }[];
      const off = table.map(({ compound, E_min }) => {
        const { energyPerAtom, species } = lowest(compound);
        return energyPerAtom - elementalEnergyPerAtom(species, energies) - Number(E_min);
      });
      expect(off).toHaveLength(Object.keys(BINARY26).length);
      const mean = off.reduce((a, b) => a + Math.abs(b), 0) / off.length;
      expect(mean).toBeLessThan(0.2);
      expect(Math.max(...off.map(Math.abs))).toBeLessThan(0.5);
    },
  );
});
