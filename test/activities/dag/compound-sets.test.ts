import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadSpec } from '../../../activities/dag/load-spec.js';
import { nodeIdentity, nodeKey } from '../../../activities/dag/node-key.js';
import { type FileReferences, planNodes } from '../../../activities/dag/plan-run.js';
import { loadRegistry } from '../../../plugins/config.js';
import type { PlannedNode } from '../../../schemas/node.js';

const root = mkdtempSync(path.join(tmpdir(), 'lcoms-sets-'));
const folder = path.join(root, 'specs');
afterAll(() => rmSync(root, { recursive: true }));

const entries = (atoms: number, ...formulas: string[]) => formulas.map((formula) => ({ formula, atoms }));
const SETS = {
  seed: 'made by hand',
  validation: { easy: entries(2, 'MgO', 'CaO', 'SrO', 'BaO'), novel: entries(6, 'TiO2', 'SnO2', 'GeO2') },
  test: { easy: entries(2, 'NaCl', 'KCl') },
};
const put = (name: string, value: unknown): void =>
  writeFileSync(path.join(folder, name), typeof value === 'string' ? value : JSON.stringify(value));

beforeAll(() => {
  mkdirSync(path.join(folder, 'hard'), { recursive: true });
  put('hard/sets.json', SETS);
  put('spec.yaml', 'apiVersion: 1\nname: grouped\ncompounds: {file: hard/sets.json, set: validation}\n');
});

async function plan(sets: string[] = [], known: FileReferences = {}): Promise<PlannedNode[]> {
  const file = path.join(folder, 'spec.yaml');
  return await planNodes(loadSpec(file, sets).spec, await loadRegistry(folder), file, null, known);
}
const optionsOf = (nodes: readonly PlannedNode[], step: string) =>
  nodes.find((node) => node.step === step)?.options as Record<string, never>;
const groupsOf = async (...sets: string[]): Promise<Record<string, string[]>> =>
  optionsOf(await plan(sets), 'report')['groups'] as unknown as Record<string, string[]>;

describe('compounds from a file of sets', () => {
  it('have the groups, order and numbers of atoms of the file', async () => {
    const nodes = await plan();
    expect(optionsOf(nodes, 'report')['groups']).toEqual({
      easy: ['MgO', 'CaO', 'SrO', 'BaO'],
      novel: ['TiO2', 'SnO2', 'GeO2'],
    });
    const starts = nodes.filter(({ step }) => step === 'start-structures');
    expect(starts.map(({ options }) => options['atoms'])).toEqual([2, 2, 2, 2, 6, 6, 6]);
    expect(await groupsOf('compounds.groups=[novel]')).toEqual({ novel: ['TiO2', 'SnO2', 'GeO2'] });
    expect(await groupsOf('compounds.set=test')).toEqual({ easy: ['NaCl', 'KCl'] });
  });

  it('are limited a group: a higher limit keeps those of a lower one, whatever the root seed', async () => {
    const limited = await Promise.all([1, 2, 3].map((limit) => groupsOf(`compounds.limit=${limit}`)));
    for (const [i, { easy = [], novel = [] }] of limited.entries()) {
      expect([easy.length, novel.length]).toEqual([i + 1, i + 1]);
      if (i > 0) expect(easy).toEqual(expect.arrayContaining(limited[i - 1]?.['easy'] ?? []));
    }
    expect(await groupsOf('compounds.limit=2', 'seed=5')).toEqual(limited[1]);
    expect(await groupsOf('compounds.limit=2', 'compounds.order=file')).toEqual({
      easy: ['MgO', 'CaO'],
      novel: ['TiO2', 'SnO2'],
    });
  });

  it('share data, encoder and surrogate, whichever set, groups and limit: every formula of the file is held out', async () => {
    const trained = async (...sets: string[]) => {
      const nodes = await plan(sets);
      const shared = ['prepare-data', 'train-encoder', 'encode-data', 'train-surrogate'];
      return nodes.filter(({ step }) => shared.includes(step)).map((node) => nodeKey(nodeIdentity(node, {})));
    };
    const all = await trained();
    expect(all).toHaveLength(4);
    for (const sets of [['compounds.limit=1'], ['compounds.set=test'], ['compounds.groups=[novel]']])
      expect(await trained(...sets)).toEqual(all);
    const { holdOut } = optionsOf(await plan(['compounds.limit=1']), 'prepare-data') as unknown as {
      holdOut: string[];
    };
    expect(holdOut).toEqual(['BaO', 'CaO', 'GeO2', 'KCl', 'MgO', 'NaCl', 'SnO2', 'SrO', 'TiO2']);
    expect(optionsOf(await plan(['holdOut=false']), 'prepare-data')['holdOut']).toEqual([]);
  });

  it('name a set and groups that the file has', async () => {
    await expect(plan(['compounds.set=training'])).rejects.toMatchObject({
      code: 'LCOMS_E_SPEC',
      message: expect.stringContaining('no set "training"; it has validation, test'),
      where: expect.stringContaining('compounds.set'),
    });
    await expect(plan(['compounds.groups=[easy, tough]'])).rejects.toMatchObject({
      code: 'LCOMS_E_SPEC',
      message: expect.stringContaining('no group "tough"; it has easy, novel'),
      where: expect.stringContaining('compounds.groups[1]'),
    });
  });

  it('say what is missing or wrong, of their own keys', async () => {
    await expect(plan(['compounds={file: hard/sets.json}'])).rejects.toMatchObject({
      code: 'LCOMS_E_SPEC',
      message: expect.stringMatching(/^set: /),
    });
    await expect(plan(['compounds={file: hard/sets.json, set: test, limits: 3}'])).rejects.toMatchObject({
      message: expect.stringContaining('unknown key "limits"'),
    });
  });

  it('lie beside the spec or below, links followed', async () => {
    writeFileSync(path.join(root, 'outside.json'), JSON.stringify(SETS));
    symlinkSync(path.join(root, 'outside.json'), path.join(folder, 'link.json'));
    for (const given of ['../outside.json', path.join(root, 'outside.json'), 'link.json', '.'])
      await expect(plan([`compounds.file=${given}`])).rejects.toMatchObject({
        code: 'LCOMS_E_FILE',
        message: expect.stringContaining("outside of the spec's folder"),
      });
    await expect(plan(['compounds.file=none.json'])).rejects.toMatchObject({
      code: 'LCOMS_E_FILE',
      message: expect.stringContaining('there is no file of compounds none.json'),
    });
    await expect(plan(['compounds.file=hard'])).rejects.toMatchObject({
      code: 'LCOMS_E_FILE',
      message: expect.stringContaining('cannot read the file of compounds: EISDIR'),
    });
  });

  it('are refused where the file is none of sets, with the place in it', async () => {
    const refused: [unknown, RegExp, RegExp][] = [
      ['{"validation": ', /not valid JSON/, /broken\.json/],
      [[1], /not a file of sets/, /broken\.json/],
      [{ validation: { easy: [{ formula: 'MgO' }] } }, /not a file of sets/, /validation\.easy\.0\.atoms/],
      [{ validation: { easy: entries(2, 'Xx') } }, /Xx/, /validation\.easy\.0/],
      [{ validation: { easy: entries(2, 'MgO'), hard: entries(4, 'Mg2O2') } }, /at validation\.easy\.0 too/, /hard\.0/],
      [
        { validation: { easy: entries(2, 'MgO') }, test: { easy: entries(2, 'MgO') } },
        /at validation/,
        /test\.easy\.0/,
      ],
    ];
    for (const [value, message, where] of refused) {
      put('broken.json', value);
      await expect(plan(['compounds.file=broken.json'])).rejects.toMatchObject({
        message: expect.stringMatching(message),
        where: expect.stringMatching(where),
      });
    }
  });

  it('are part of what a sweep depends on: a changed file is refused', async () => {
    const known: FileReferences = {};
    await plan([], known);
    await plan([], { ...known });
    put('hard/sets.json', { ...SETS, test: {} });
    await expect(plan([], known)).rejects.toMatchObject({ code: 'LCOMS_E_FILE' });
    put('hard/sets.json', SETS);
  });
});

describe('compounds of a spec with groups', () => {
  it('are all grouped, or none', async () => {
    expect(await groupsOf('compounds=[{formula: MgO, group: a}, {formula: NaCl, group: b}]')).toEqual({
      a: ['MgO'],
      b: ['NaCl'],
    });
    expect(await groupsOf('compounds=[MgO, {formula: NaCl, atoms: 2}]')).toBeUndefined();
    await expect(plan(['compounds=[{formula: MgO, group: a}, NaCl]'])).rejects.toMatchObject({
      code: 'LCOMS_E_SPEC',
      message: expect.stringContaining('NaCl has no group'),
    });
  });

  it('hold out what else the spec names', async () => {
    const sets = ['compounds=[MgO]', 'holdOut=[Na2Cl2, MgO]'];
    expect(optionsOf(await plan(sets), 'prepare-data')['holdOut']).toEqual(['MgO', 'NaCl']);
    await expect(plan(['compounds=[MgO]', 'holdOut=[Xx]'])).rejects.toMatchObject({ code: 'LCOMS_E_FORMULA' });
  });

  it('hold out all formulas of a file beside them', async () => {
    const heldOut = async (...sets: string[]) => optionsOf(await plan(sets), 'prepare-data')['holdOut'];
    const file = 'holdOut={file: hard/sets.json}';
    const all = ['BaO', 'CaO', 'GeO2', 'KCl', 'MgO', 'NaCl', 'SnO2', 'SrO', 'TiO2'];
    expect(await heldOut('compounds=[LiF]', file)).toEqual([...all.slice(0, 4), 'LiF', ...all.slice(4)].sort());
    expect(await heldOut(file)).toEqual(all);
    await expect(heldOut('holdOut={file: none.json}')).rejects.toMatchObject({ code: 'LCOMS_E_FILE' });
    await expect(heldOut('holdOut={file: ../sets.json}')).rejects.toMatchObject({
      code: 'LCOMS_E_FILE',
      options: { path: 'holdOut.file' },
    });
  });
});
