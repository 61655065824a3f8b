import { appendFileSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { volume } from '../../../../lib/crystal/lattice.js';
import { minimumDistance } from '../../../../lib/crystal/neighbours.js';
import type { EvaluateMany } from '../../../../lib/scoring/evaluation.js';
import { logPath, type SimulatedRow } from '../../../../plugins/datasets/simulated/job-log.js';
import { selectMinima } from '../../../../plugins/datasets/simulated/select-minima.js';
import { type SimulateOptions, simulate } from '../../../../plugins/datasets/simulated/simulate.js';

/** A cheap stand-in for a potential: cells of 15 A^3/atom, packed as loosely as the start was, are its minima. */
const evaluate: EvaluateMany = async (crystals) =>
  crystals.map((c) => {
    const n = c.species.length;
    const off = volume(c.lattice) / n - 15;
    const pressure = 0.02 * off * 160.21766208;
    return {
      energy: n * (0.01 * off * off - minimumDistance(c) / 15 ** (1 / 3)),
      forces: new Float64Array(3 * n),
      stress: Float64Array.of(pressure, 0, 0, 0, pressure, 0, 0, 0, pressure),
    };
  });
const identity = { name: 'double', version: '1', weights: null };

let folder: string;
let out: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'lcoms-simulate-'));
  out = path.join(folder, 'set.jsonl');
});
afterEach(() => rmSync(folder, { recursive: true }));

const options = (change: Partial<SimulateOptions> = {}): SimulateOptions => ({
  formulas: ['NaCl', 'CaF2', 'Si'],
  startsPerFormula: 3,
  seed: 1,
  out,
  scorer: { identity, evaluate },
  ...change,
});
const wanted = async (): Promise<string> => {
  const other = path.join(folder, 'whole', 'set.jsonl');
  await simulate(options({ out: other }));
  return readFileSync(other, 'utf8');
};

describe('simulate', () => {
  it('relaxes prototypes and random starts of every formula and writes the distinct minima', async () => {
    const { done, total, written } = await simulate(options());
    expect(done).toBe(total);
    const rows = readFileSync(out, 'utf8')
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as SimulatedRow);
    expect(rows).toHaveLength(written?.rows ?? -1);
    expect([...new Set(rows.map((r) => r.formula))]).toEqual(['CaF2', 'NaCl', 'Si']);
    expect(rows.some((r) => r.start === 'random') && rows.some((r) => r.start === 'B2')).toBe(true);
    for (const row of rows) {
      expect(row).toMatchObject({ scorer: identity });
      expect(row.converged).toBe(true);
      expect(Math.abs(volume(row.lattice) / row.species.length - 15)).toBeLessThan(1.5);
    }
  });

  it('goes on after a kill, a torn last line included, to the same bytes', async () => {
    const controller = new AbortController();
    const stopped = simulate(
      options({
        signal: controller.signal,
        onProgress: ({ done }) => done === 7 && controller.abort(new Error('killed')),
      }),
    );
    await expect(stopped).rejects.toThrow('killed');
    appendFileSync(logPath(out, { index: 0, count: 1 }), '{"id":"NaCl/r2","formu');
    let repeated = 0;
    const counting: EvaluateMany = async (crystals) => {
      repeated++;
      return evaluate(crystals);
    };
    const { total } = await simulate(
      options({ scorer: { identity, evaluate: counting }, onProgress: ({ done }) => expect(done).toBeGreaterThan(7) }),
    );
    expect(repeated).toBeGreaterThan(0);
    expect(total).toBeGreaterThan(20);
    expect(readFileSync(out, 'utf8')).toBe(await wanted());
  });

  it('gives the same bytes in shards, written by the last', async () => {
    const first = await simulate(options({ shard: { index: 0, count: 2 } }));
    expect(first.written).toBeUndefined();
    expect(first.done).toBeLessThan(first.total);
    const second = await simulate(options({ shard: { index: 1, count: 2 } }));
    expect(second.written).toBeDefined();
    expect(readFileSync(out, 'utf8')).toBe(await wanted());
  });

  it('refuses to go on with other settings', async () => {
    await simulate(options({ formulas: ['NaCl'], startsPerFormula: 0 }));
    const other = simulate(options({ formulas: ['NaCl'], startsPerFormula: 0, seed: 2 }));
    await expect(other).rejects.toMatchObject({ code: 'LCOMS_E_CHECKPOINT_INCOMPATIBLE' });
  });

  it('names a formula that is none, and a shard that is not there', async () => {
    await expect(simulate(options({ formulas: ['Xx2'] }))).rejects.toMatchObject({
      code: expect.stringMatching(/LCOMS_E_(FORMULA|ELEMENT)/),
    });
    await expect(simulate(options({ shard: { index: 2, count: 2 } }))).rejects.toMatchObject({ code: 'LCOMS_E_INPUT' });
  });
});

describe('selection of minima', () => {
  const row = (id: string, energyPerAtom: number, a = 4, change: Partial<SimulatedRow> = {}): SimulatedRow => ({
    id: `Na/${id}`,
    formula: 'Na',
    start: id.startsWith('r') ? 'random' : id,
    species: ['Na', 'Na'],
    lattice: [
      [a, 0, 0],
      [0, a, 0],
      [0, 0, 80 / a / a],
    ],
    frac: [
      [0, 0, 0],
      [0.5, 0.5, 0.5],
    ],
    energyPerAtom,
    steps: 1,
    converged: true,
    minDistanceRatio: 1,
    ...change,
  });

  it('leaves out holes, the unconverged, the overlapping, the failed and the repeated', () => {
    const { rows, rejected } = selectMinima([
      row('bcc', -1),
      row('r0', -1.001),
      row('r1', -35),
      row('r2', -0.9, 4, { converged: false }),
      row('r3', -0.8, 4, {
        frac: [
          [0, 0, 0],
          [0.01, 0, 0],
        ],
      }),
      row('r4', -0.7, 3),
      { id: 'Na/r5', error: 'collapsed' },
    ]);
    expect(rows.map((r) => r.id)).toEqual(['Na/r0', 'Na/r4']);
    expect(rejected).toEqual({ failed: 1, unconverged: 1, guarded: 1, holes: 1, duplicates: 1 });
  });

  it('does not depend on the order of the records', () => {
    const records = [row('bcc', -1), row('r0', -1), row('r1', -0.9, 3), row('r2', -0.95, 5)];
    expect(selectMinima([...records].reverse())).toEqual(selectMinima(records));
  });
});
