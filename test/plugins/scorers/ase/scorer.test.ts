import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Evaluation } from '../../../../lib/scoring/evaluation.js';
import type { Plugin } from '../../../../plugins/contract/define-plugin.js';
import { ase } from '../../../../plugins/scorers/ase/index.js';
import { checkPlugin } from '../../../../plugins/testing/index.js';
import type { Crystal } from '../../../../schemas/crystal.js';
import { LcomsError } from '../../../../schemas/errors.js';
import { CODE, canScore, cases, PythonRig } from './rig.js';

const named = (name: string): Crystal => (cases.find((c) => c.name === name) as (typeof cases)[number]).crystal;
const evaluated = (result: Evaluation | LcomsError | undefined): Evaluation => {
  if (result === undefined || result instanceof LcomsError) throw result ?? new Error('no result');
  return result;
};
const cubic = (a: number, species: string[], frac: Crystal['frac']): Crystal => ({
  lattice: [
    [a, 0, 0],
    [0, a, 0],
    [0, 0, a],
  ],
  species,
  frac,
});

describe.skipIf(!canScore)('scorer/ase with a real server and a real Python worker', () => {
  let rig: PythonRig;
  beforeAll(async () => {
    rig = await PythonRig.start();
    await rig.worker();
  });
  afterAll(() => rig.close());

  test('energies, forces and stresses are those of ASE', async () => {
    const scorer = await rig.scorer({ calculator: 'emt' });
    expect(scorer.identity).toEqual({ name: 'ase/emt', version: 'ase 3.29.0', weights: null });
    expect([...scorer.elements].sort()).toEqual(['Ag', 'Al', 'Au', 'Cu', 'Ni', 'Pd', 'Pt']);
    const results = (await scorer.evaluate(cases.map(({ crystal }) => crystal))).map(evaluated);
    for (const [i, { name, energy, forces, stress }] of cases.entries()) {
      const result = results[i] as Evaluation;
      expect(result.energy, name).toBeCloseTo(energy, 9);
      forces.forEach((f, k) => expect(result.forces[k], `${name}, force ${k}`).toBeCloseTo(f, 9));
      stress.forEach((s, k) => expect(result.stress[k], `${name}, stress ${k}`).toBeCloseTo(s, 9));
    }
    await scorer.dispose();
  });

  test('what can not be scored is an error of its own, and the rest is scored', async () => {
    const scorer = await rig.scorer({ calculator: 'emt' });
    const cu = named('Cu');
    const results = await scorer.evaluate([
      cu,
      cubic(
        4.2,
        ['Mg', 'O'],
        [
          [0, 0, 0],
          [0.5, 0.5, 0.5],
        ],
      ),
      cubic(
        4,
        ['Cu', 'Cu'],
        [
          [0, 0, 0],
          [0, 0, 0],
        ],
      ),
      cubic(Number.NaN, ['Cu'], [[0, 0, 0]]),
      cu,
    ]);
    expect(results.map((r) => (r instanceof LcomsError ? r.code : 'ok'))).toEqual([
      'ok',
      'LCOMS_E_ELEMENT_UNKNOWN',
      'LCOMS_E_CALCULATOR',
      'LCOMS_E_CRYSTAL',
      'ok',
    ]);
    expect((results[1] as LcomsError).message).toBe('ase/emt does not know Mg, O; it knows Al Cu Ag Au Ni Pd Pt');
    expect((results[2] as LcomsError).message).toMatch(/not finite/);
    await scorer.dispose();
  });

  test('a calculator that gives up or takes too long is told in one line', async () => {
    const loose = cubic(3.6, ['Cu'], [[0, 0, 0]]);
    const scorer = await rig.scorer({ calculator: 'slow' });
    const digest = createHash('sha256')
      .update(readFileSync(path.join(CODE, 'counted.py')))
      .digest('hex');
    expect(scorer.identity.weights).toBe(digest);
    expect(scorer.identity.version).toMatch(/^counted 7, ase 3\.29\.0, arguments [0-9a-f]{8}$/);
    const [result] = await scorer.evaluate([loose]);
    expect(result).toMatchObject({
      code: 'LCOMS_E_CALCULATOR',
      message: 'ase/slow failed: RuntimeError: did not converge',
    });
    await scorer.dispose();
  });

  test.each([
    [{ calculator: 'nemo' }, 'LCOMS_E_PLUGIN_OPTIONS', /no calculator "nemo".*absent, emt, hurried, slow/],
    [{ calculator: 'absent' }, 'LCOMS_E_TOOL_MISSING', /absent needs the Python package no_such_package/],
    [{ calculator: 'emt', version: 'ase 1.0' }, 'LCOMS_E_CONFIG', /has ase\/emt in version "ase 3.29.0".*"ase 1.0"/],
    [{ calculator: 'emt', queue: 'nobody' }, 'LCOMS_E_NO_WORKER', /no Python worker on the queue nobody/],
  ])('%o is refused with %s', async (options, code, message) => {
    await expect(rig.scorer(options)).rejects.toMatchObject({ code, message: expect.stringMatching(message) });
  });

  test('the contract kit is content', async () => {
    const plugin = {
      ...ase,
      create: ((options, context) =>
        ase.create(options as never, { ...context, temporal: rig.server })) as Plugin['create'],
    };
    const results = await checkPlugin(plugin as unknown as Plugin, {
      with: { calculator: 'emt' },
      fixtures: { crystals: [named('CuAu distorted 1'), named('CuAu')] },
    });
    expect(results.filter(({ ok }) => !ok)).toEqual([]);
    const skipped = results.filter((result) => result.skipped !== undefined).map(({ name }) => name);
    expect(skipped).toEqual(['a second opinion is of another model']);
  });
});
