import { copyFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { checkCalculators } from '../../cli/doctor-checks.js';
import { packagedFile } from '../../lib/package-root.js';
import { canScore, cases } from '../plugins/scorers/ase/rig.js';
import { emptyFolder, expectOneScreen, lcoms, lcomsJson, type Running, start } from './lcoms.js';

const cell = (name: string) => cases.find((c) => c.name === name) as (typeof cases)[number];
const score = ['score', 'cells.jsonl', '--scorer', 'ase', '--with', '{calculator: emt}'];

describe('without a Python worker', () => {
  const folder = emptyFolder();
  writeFileSync(path.join(folder, 'cells.jsonl'), JSON.stringify(cell('Cu').crystal));

  test('scoring ends with exit code 3 and says how to start one', async () => {
    const finished = await lcoms(folder, score);
    expect(finished.code).toBe(3);
    expectOneScreen(finished, 'LCOMS_E_NO_WORKER');
    expect(finished.stderr).toContain('lcoms worker --queues score-python');
  });

  test('a worker without its Python is one line, also from doctor', async () => {
    const env = { LCOMS_PYTHON: '/no/such/python' };
    const finished = await lcoms(folder, ['worker', '--queues', 'score-python'], env);
    expect(finished.code).toBe(3);
    expectOneScreen(finished, 'LCOMS_E_TOOL_MISSING');
    expect(finished.stderr).toMatch(/\/no\/such\/python can't run the scoring worker: not found/);
    const { problems } = await checkCalculators(env);
    expect(problems).toEqual([
      expect.objectContaining({ severity: 'warning', message: expect.stringContaining('/no/such/python') }),
    ]);
    // Never made, it is no problem: nothing needs it unless a spec says so.
    const none = await checkCalculators({ LCOMS_TOOL_CACHE: folder });
    expect(none.problems).toEqual([]);
    expect(none.calculators).toMatch(/not set up \(for scorer\/ase: npm run setup -- --python\)/);
  });
});

describe.skipIf(!canScore)('with `lcoms worker --queues score-python`', () => {
  const folder = emptyFolder();
  let worker: Running;
  beforeAll(async () => {
    const rows = ['Cu', 'CuAu'].map((name) => JSON.stringify(cell(name).crystal));
    const stranger = JSON.stringify({ ...cell('Al').crystal, species: ['Mg'] });
    writeFileSync(path.join(folder, 'cells.jsonl'), [rows[0], stranger, rows[1]].join('\n'));
    const data = cases.map(({ crystal, energy }) =>
      JSON.stringify({ ...crystal, formationEnergyPerAtom: energy / crystal.species.length }),
    );
    writeFileSync(path.join(folder, 'alloy.jsonl'), data.join('\n'));
    copyFileSync(packagedFile('test/fixtures/specs/alloy.yaml'), path.join(folder, 'alloy.yaml'));
    worker = start(folder, ['worker', '--queues', 'score-python']);
    await worker.prints(/Ctrl-C stops it/);
  });
  afterAll(async () => {
    worker.child.kill('SIGINT');
    expect((await worker.finished).code).toBe(0);
  });

  test('it names its calculators', () => {
    expect(worker.text()).toMatch(/calculators: .*\bemt\b/);
  });

  test('scores are those of ASE; a crystal that it can not score is a line of its own', async () => {
    const { code, stdout } = await lcoms(folder, [...score, '--json']);
    expect(code).toBe(2);
    const [cu, mg, cuau] = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(mg.error.code).toBe('LCOMS_E_ELEMENT_UNKNOWN');
    for (const [scored, name] of [
      [cu, 'Cu'],
      [cuau, 'CuAu'],
    ]) {
      const { energy, crystal } = cell(name);
      expect(scored.energyPerAtom).toBeCloseTo(energy / crystal.species.length, 9);
      expect(scored.scorer).toEqual({ name: 'ase/emt', version: 'ase 3.29.0', weights: null });
    }
  });

  test('a run reaches it from its compute processes', async () => {
    const { code, document } = await lcomsJson<{ state: string }>(folder, ['run', 'alloy.yaml', '--out', 'out']);
    expect(code).toBe(0);
    expect(document.state).toBe('succeeded');
  });
});
