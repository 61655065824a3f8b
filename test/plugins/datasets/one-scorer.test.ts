import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import type { LoadedDataset } from '../../../plugins/contract/dataset.js';
import type { Plugin } from '../../../plugins/contract/define-plugin.js';
import { jsonlDataset } from '../../../plugins/datasets/jsonl/index.js';
import { simulatedDataset } from '../../../plugins/datasets/simulated/index.js';
import { testContext, toyCrystals } from '../../../plugins/testing/index.js';
import type { ScorerIdentity } from '../../../schemas/score.js';

const folder = mkdtempSync(path.join(tmpdir(), 'lcoms-one-scorer-'));
afterAll(() => rmSync(folder, { recursive: true }));

const A: ScorerIdentity = { name: 'a', version: '1', weights: 'a'.repeat(64) };
const CHGNET: ScorerIdentity = {
  name: 'chgnet',
  version: 'r2scan',
  weights: '5817d7d1788befaf6f0f67678cb63d6c33e7023904f3ac944e019163150b447c',
};

/** A file of toy crystals, the i-th with the i-th scorer. */
function file(name: string, scorers: readonly unknown[], extra: object = {}): string {
  const rows = scorers.map((scorer, i) => ({ ...toyCrystals()[i], energyPerAtom: -1 - i, scorer, ...extra }));
  const written = path.join(folder, name);
  writeFileSync(written, rows.map((row) => `${JSON.stringify(row)}\n`).join(''));
  return written;
}

async function load(plugin: Plugin, given: Record<string, unknown>): Promise<LoadedDataset> {
  const options = plugin.options.parse(given);
  const files = plugin.files?.(options) ?? {};
  const dataset = await plugin.create(options, testContext({ files }));
  return await (dataset as { load(): Promise<LoadedDataset> }).load();
}

describe.each([
  ['dataset/jsonl', jsonlDataset as Plugin],
  ['dataset/simulated with a file', simulatedDataset as Plugin],
])('%s', (_, plugin) => {
  it('knows the scorer that all rows name', async () => {
    const { energy, rows } = await load(plugin, { file: file('all.jsonl', [A, A, { ...A }]) });
    expect(energy).toMatchObject({ kind: 'total', scorer: A });
    expect(rows).toHaveLength(3);
  });

  it('knows none when a row is silent or names something else than an identity', async () => {
    for (const other of [undefined, null, 'CHGNet', { name: 'a' }]) {
      const { energy } = await load(plugin, { file: file('some.jsonl', [A, other, A]) });
      expect(energy.scorer).toBeNull();
    }
  });

  it.each([
    { ...A, name: 'b' },
    { ...A, version: '2' },
    { ...A, weights: 'b'.repeat(64) },
    { ...A, weights: null },
  ])('refuses rows of two scorers, naming both: %j', async (other) => {
    const mixed = file('mixed.jsonl', [A, A, other]);
    const error = await load(plugin, { file: mixed }).catch((e: unknown) => e);
    expect(error).toMatchObject({ code: 'LCOMS_E_INPUT', where: `${mixed}:3` });
    const { message, hint } = error as { message: string; hint: string };
    expect(message).toContain(`${A.name} ${A.version} (weights aaaaaaaaaaaa)`);
    expect(message).toContain(`${other.name} ${other.version} (`);
    expect(hint).toContain('lcoms data score');
  });
});

describe('dataset/jsonl', () => {
  it('refuses a scorer in its options that the rows contradict', async () => {
    const given = file('all.jsonl', [undefined, A]);
    expect((await load(jsonlDataset as Plugin, { file: given, scorer: A })).energy.scorer).toEqual(A);
    await expect(load(jsonlDataset as Plugin, { file: given, scorer: CHGNET })).rejects.toMatchObject({
      code: 'LCOMS_E_INPUT',
      where: `${given}:2`,
    });
  });

  it('says nothing of who made formation energies', async () => {
    const given = file('formation.jsonl', [A, CHGNET], { formationEnergyPerAtom: -0.5 });
    expect((await load(jsonlDataset as Plugin, { file: given })).energy).toMatchObject({
      kind: 'formation',
      scorer: null,
    });
  });
});

describe('dataset/simulated with also', () => {
  it('joins the rows of files by its own scorer to the embedded set', async () => {
    const also = [file('one.jsonl', [CHGNET, CHGNET]), file('two.jsonl', [CHGNET])];
    const alone = await load(simulatedDataset as Plugin, {});
    const joined = await load(simulatedDataset as Plugin, { also });
    expect(joined.rows).toHaveLength(alone.rows.length + 3);
    expect(joined.rows.slice(0, alone.rows.length)).toEqual(alone.rows);
    expect(joined.rows.slice(-3).map(({ file: from, line }) => `${from}:${line}`)).toEqual([
      `${also[0]}:1`,
      `${also[0]}:2`,
      `${also[1]}:1`,
    ]);
    expect(joined.rows.map(({ index }) => index)).toEqual(joined.rows.map((_, i) => i));
    expect(joined.energy).toEqual(alone.energy);
    expect(joined.provenance).toContain('3 rows');
    const cited = await load(simulatedDataset as Plugin, { also, provenance: 'Jain et al. (2013)' });
    expect(cited.provenance).toBe(`${joined.provenance}; Jain et al. (2013)`);
    const single = await load(simulatedDataset as Plugin, { also: also[1] });
    expect(single.rows).toHaveLength(alone.rows.length + 1);
  });

  it.each([
    ['another scorer', A, 'a 1 (weights aaaaaaaaaaaa)'],
    ['no scorer', undefined, 'names no scorer'],
  ])('refuses a row of %s, naming file, line and both', async (_, other, message) => {
    const also = file('stranger.jsonl', [CHGNET, other]);
    const error = await load(simulatedDataset as Plugin, { also }).catch((e: unknown) => e);
    expect(error).toMatchObject({ code: 'LCOMS_E_INPUT', where: `${also}:2` });
    expect((error as Error).message).toContain(message);
    expect((error as Error).message).toContain('chgnet r2scan (weights 5817d7d1788b)');
    expect((error as { hint: string }).hint).toContain('lcoms data score');
  });

  it('joins nothing to a file whose scorer is not known', async () => {
    const set = file('silent.jsonl', [undefined]);
    await expect(load(simulatedDataset as Plugin, { file: set, also: file('one.jsonl', [A]) })).rejects.toMatchObject({
      code: 'LCOMS_E_INPUT',
      where: set,
    });
    const known = await load(simulatedDataset as Plugin, {
      file: file('known.jsonl', [A]),
      also: file('one.jsonl', [A]),
    });
    expect(known.energy.scorer).toEqual(A);
    expect(known.rows).toHaveLength(2);
  });
});
