import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { loadSpec } from '../../../activities/dag/load-spec.js';
import { planNodes } from '../../../activities/dag/plan-run.js';
import { loadRegistry } from '../../../plugins/config.js';

const folder = mkdtempSync(path.join(tmpdir(), 'lcoms-sample-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** A cell of one atom of each symbol along a diagonal. */
const row = (species: string[], energyPerAtom: number) => ({
  lattice: [
    [9, 0, 0],
    [0, 9, 0],
    [0, 0, 9],
  ],
  species,
  frac: species.map((_, i) => [i / species.length, i / species.length, i / species.length]),
  energyPerAtom,
});
const AX = ['LiF', 'NaF', 'KF', 'LiCl', 'NaCl', 'KCl'].map((f) => row(f.split(/(?=[A-Z])/), -3));
const ROWS = [
  ...AX,
  // No minimum; too large in its lowest form; elemental; of an element that the scorer does not know.
  { ...row(['Rb', 'F'], -9), offMinimum: true },
  row(['Mg', 'O'], -1),
  row(['Mg', 'O', 'Mg', 'O', 'Mg', 'O'], -2),
  row(['Cu'], -1),
  row(['Po', 'O'], -1),
];

const file = path.join(folder, 'rows.jsonl');
writeFileSync(file, ROWS.map((r) => `${JSON.stringify(r)}\n`).join(''));
const spec = path.join(folder, 'spec.yaml');
writeFileSync(
  spec,
  `apiVersion: 1\nname: sampled\ncompounds: {sample: 3, maxAtoms: 4}\ndata: {use: dataset/jsonl, with: {file: rows.jsonl}}\n`,
);

async function compounds(...sets: string[]): Promise<string[]> {
  const nodes = await planNodes(loadSpec(spec, sets).spec, await loadRegistry(folder), spec, null);
  const { holdOut } = nodes.find(({ step }) => step === 'prepare-data')?.options as { holdOut: string[] };
  expect(nodes.filter(({ step }) => step === 'score').map(({ id }) => id)).toEqual(holdOut.map((f) => `score/${f}`));
  return holdOut;
}

describe('compounds drawn from the data', () => {
  it('follow from the seed and the formulas, and are held out', async () => {
    const drawn = await compounds();
    expect(drawn).toHaveLength(3);
    expect(await compounds()).toEqual(drawn);
    const others = await Promise.all([1, 2, 3, 4].map((seed) => compounds(`seed=${seed}`)));
    expect(new Set([drawn, ...others].map(String)).size).toBeGreaterThan(1);
    writeFileSync(
      file,
      [...ROWS]
        .reverse()
        .map((r) => `${JSON.stringify(r)}\n`)
        .join(''),
    );
    expect(await compounds()).toEqual(drawn);
  });

  it('have few enough atoms, enough elements, and only known ones', async () => {
    expect(await compounds('compounds.sample=6')).toEqual(['KCl', 'KF', 'LiCl', 'LiF', 'NaCl', 'NaF'].sort());
    expect(await compounds('compounds={sample: 7, maxAtoms: 6}')).toContain('MgO');
    expect(await compounds('compounds={sample: 8, maxAtoms: 6, minElements: 1}')).toContain('Cu');
  });

  it('are refused when the data have too few', async () => {
    await expect(compounds('compounds.sample=7')).rejects.toMatchObject({
      code: 'LCOMS_E_SPEC',
      message: expect.stringMatching(/have 6 formulas .* at most 4 atoms, not 7/),
      where: expect.stringContaining('compounds.sample'),
    });
    await expect(compounds('compounds={sample: 0}')).rejects.toMatchObject({ code: 'LCOMS_E_SPEC' });
  });
});
