import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { volume } from '../../../../lib/crystal/lattice.js';
import { type Evaluation, GPA_PER_EV_A3 } from '../../../../lib/scoring/evaluation.js';
import { evaluateChgnet } from '../../../../plugins/scorers/chgnet/evaluate.js';
import { chgnetSession, type OnnxRuntime } from '../../../../plugins/scorers/chgnet/session.js';
import type { Crystal, Mat3, Vec3 } from '../../../../schemas/crystal.js';
import { ELEMENTS } from '../../../../schemas/elements.js';
import { LcomsError } from '../../../../schemas/errors.js';

interface Case {
  name: string;
  cell: Mat3;
  frac: Vec3[];
  Z: number[];
  /** eV/atom, eV/A, GPa, as CHGNet in PyTorch gives them. */
  e: number;
  f: number[][];
  s: number[][];
}
const fixture = new URL('../../../fixtures/scoring/chgnet-cases.json.gz', import.meta.url);
const cases = JSON.parse(gunzipSync(readFileSync(fixture)).toString('utf8')) as Case[];
const crystalOf = (c: Case): Crystal => ({
  lattice: c.cell,
  frac: c.frac,
  species: c.Z.map((z) => ELEMENTS[z] as string),
});
const crystals = cases.map(crystalOf);

const ok = (result: Evaluation | LcomsError | undefined): Evaluation => {
  if (result === undefined || result instanceof LcomsError) throw result ?? new Error('no result');
  return result;
};

function deviations(
  results: (Evaluation | LcomsError)[],
  truth: Case[],
): { energy: number; force: number; stress: number } {
  const worst = { energy: 0, force: 0, stress: 0 };
  truth.forEach((c, i) => {
    const { energy, forces, stress } = ok(results[i]);
    worst.energy = Math.max(worst.energy, Math.abs(energy / c.Z.length - c.e));
    c.f.flat().forEach((f, k) => {
      worst.force = Math.max(worst.force, Math.abs((forces[k] as number) - f));
    });
    c.s.flat().forEach((s, k) => {
      worst.stress = Math.max(worst.stress, Math.abs((stress[k] as number) - s));
    });
  });
  return worst;
}

const NACL: Crystal = {
  lattice: [
    [0, 2.8, 2.8],
    [2.8, 0, 2.8],
    [2.8, 2.8, 0],
  ],
  species: ['Na', 'Cl'],
  frac: [
    [0, 0, 0],
    [0.5, 0.5, 0.5],
  ],
};
const cube = (a: number): Mat3 => [
  [a, 0, 0],
  [0, a, 0],
  [0, 0, a],
];

describe.each<OnnxRuntime>(['native', 'wasm'])('CHGNet in Node (%s)', (runtime) => {
  it('gives the energies, forces and stresses of CHGNet in PyTorch for all 208 cells', async () => {
    const session = await chgnetSession('r2scan', runtime);
    expect(session.runtime).toBe(runtime);
    const worst = deviations(await evaluateChgnet(session, crystals), cases);
    expect(worst.energy).toBeLessThan(1e-4);
    expect(worst.force).toBeLessThan(1e-3);
    expect(worst.stress).toBeLessThan(0.05);
  });

  it('gives the same bytes alone and in any company', async () => {
    const session = await chgnetSession('r2scan', runtime);
    const few = crystals.filter((_, i) => i % 30 === 0);
    const together = await evaluateChgnet(session, few);
    const reversed = (await evaluateChgnet(session, [...few].reverse())).reverse();
    expect(reversed).toEqual(together);
  });

  it('evaluates cells without angles and cells of one atom', async () => {
    const session = await chgnetSession('r2scan', runtime);
    const noAngles: Crystal = { lattice: cube(4), species: ['Ar'], frac: [[0, 0, 0]] };
    const oneAngle: Crystal = { lattice: cube(2.9), species: ['Cu'], frac: [[0.3, 0.3, 0.3]] };
    for (const result of await evaluateChgnet(session, [noAngles, oneAngle])) {
      const { energy, forces, stress } = ok(result);
      expect(Number.isFinite(energy)).toBe(true);
      expect(Math.max(...forces.map(Math.abs))).toBeLessThan(1e-4);
      expect(stress.every(Number.isFinite)).toBe(true);
    }
  });
});

describe('CHGNet', () => {
  it('scales with the supercell and does not see translation, order of atoms or choice of cell', async () => {
    const session = await chgnetSession('r2scan');
    const moved: Crystal = { ...NACL, frac: NACL.frac.map(([x, y, z]) => [x + 0.37, y - 1.2, z + 5.1]) };
    const swapped: Crystal = { ...NACL, species: ['Cl', 'Na'] };
    const skewed: Crystal = {
      ...NACL,
      lattice: [
        NACL.lattice[0],
        NACL.lattice[1].map((x, k) => x + 7 * (NACL.lattice[0][k] as number)) as Vec3,
        NACL.lattice[2],
      ],
      frac: [
        [0, 0, 0],
        [0.5 - 3.5, 0.5, 0.5],
      ],
    };
    const doubled: Crystal = {
      lattice: [NACL.lattice[0].map((x) => 2 * x) as Vec3, NACL.lattice[1], NACL.lattice[2]],
      species: ['Na', 'Na', 'Cl', 'Cl'],
      frac: [
        [0, 0, 0],
        [0.5, 0, 0],
        [0.25, 0.5, 0.5],
        [0.75, 0.5, 0.5],
      ],
    };
    const [energy, ...others] = (await evaluateChgnet(session, [NACL, moved, swapped, skewed, doubled])).map(
      (r, i) => ok(r).energy / (i === 4 ? 2 : 1),
    );
    for (const other of others) expect(Math.abs(other - (energy as number))).toBeLessThan(2e-5);
  });

  it('has forces and stress that are the derivatives of its energy', async () => {
    const session = await chgnetSession('r2scan');
    const c = crystals[0] as Crystal;
    const [here] = await evaluateChgnet(session, [c]);
    const h = 0.01;
    const shifted = (sign: number): Crystal => ({
      ...c,
      lattice: c.lattice.map((row) => [row[0] * (1 + sign * h), row[1], row[2]]) as Mat3,
    });
    const [plus, minus] = (await evaluateChgnet(session, [shifted(1), shifted(-1)])).map(ok);
    const slope = ((plus as Evaluation).energy - (minus as Evaluation).energy) / (2 * h);
    const strainEnergy = ((ok(here).stress[0] as number) * volume(c.lattice)) / GPA_PER_EV_A3;
    expect(Math.abs(slope - strainEnergy)).toBeLessThan(0.05);
  });

  it('answers each bad crystal with its own error and goes on', async () => {
    const session = await chgnetSession('r2scan');
    const results = await evaluateChgnet(session, [
      { ...NACL, species: ['Po', 'Cl'] },
      {
        ...NACL,
        frac: [
          [0, 0, 0],
          [1, 0, 0],
        ],
      },
      {
        ...NACL,
        frac: [
          [0, 0, 0],
          [Number.NaN, 0, 0],
        ],
      },
      { ...NACL, lattice: cube(0.5) },
      { lattice: cube(9), species: ['Ar'], frac: [[0, 0, 0]] },
      NACL,
    ]);
    const errors = results.map((r) => (r instanceof LcomsError ? `${r.code} ${r.message}` : 'fine'));
    expect(errors[0]).toMatch(/LCOMS_E_ELEMENT_UNKNOWN CHGNet does not know Po; it knows H He Li .* Bi Ac/);
    expect(errors[1]).toMatch(/LCOMS_E_CRYSTAL Atoms 1 and 2 are at the same place/);
    expect(errors[2]).toMatch(/LCOMS_E_CRYSTAL .*not finite/);
    expect(errors[3]).toMatch(/LCOMS_E_CRYSTAL .*A\^3\/atom/);
    expect(errors[4]).toMatch(/LCOMS_E_CRYSTAL No two atoms are within 6 A/);
    expect(errors[5]).toBe('fine');
  });

  it('loads a model once a process', async () => {
    expect(await chgnetSession('r2scan')).toBe(await chgnetSession('r2scan'));
  });
});
