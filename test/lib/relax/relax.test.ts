import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { symmetry } from '../../../lib/crystal/symmetry.js';
import { RELAX_METHODS, type RelaxMethod } from '../../../lib/relax/minimizer.js';
import { type Relaxation, relax, relaxMany } from '../../../lib/relax/relax.js';
import type { EvaluateMany } from '../../../lib/scoring/evaluation.js';
import { evaluateChgnet } from '../../../plugins/scorers/chgnet/evaluate.js';
import { chgnetSession } from '../../../plugins/scorers/chgnet/session.js';
import type { Crystal, Mat3 } from '../../../schemas/crystal.js';
import { LcomsError } from '../../../schemas/errors.js';
import { prototypeStarts } from './prototype-starts.js';

const fixture = (name: string): Buffer => readFileSync(new URL(`../../fixtures/scoring/${name}`, import.meta.url));
const startOf = (compound: string, prototype: string): Crystal => {
  const found = prototypeStarts.find((x) => x.compound === compound && x.prototype === prototype);
  if (found === undefined) throw new Error(`no start for ${compound} ${prototype}`);
  return found.crystal;
};
/** ASE's FIRE with a cell filter and CHGNet in PyTorch, fmax 0.02. */
const truth = fixture('chgnet_prototypes.csv')
  .toString('utf8')
  .trim()
  .split('\n')
  .slice(1)
  .map((line) => line.split(','))
  .filter((row) => row[0] === 'r2scan')
  .map((row) => ({
    compound: row[1] as string,
    prototype: row[2] as string,
    energy: Number(row[3]),
    spaceGroup: Number(row[8]),
    converged: row[10] === 'True',
  }));

const evaluate: EvaluateMany = async (crystals) => evaluateChgnet(await chgnetSession('r2scan'), crystals);
const done = (r: Relaxation | LcomsError | undefined): Relaxation => {
  if (r === undefined || r instanceof LcomsError) throw r ?? new Error('no result');
  return r;
};
const cube = (a: number): Mat3 => [
  [a, 0, 0],
  [0, a, 0],
  [0, 0, a],
];
const one: Crystal = { lattice: cube(3), species: ['Na'], frac: [[0, 0, 0]] };
/** A harmonic cell: energy and stress of an isotropic spring of `stiffness` around volume `rest`. */
const spring =
  (rest: number, stiffness: number): EvaluateMany =>
  async (crystals) =>
    crystals.map((c) => {
      const [[a, ,], [, b], [, , d]] = c.lattice;
      const v = a * b * d;
      const pressure = stiffness * (v - rest);
      return {
        energy: (stiffness * (v - rest) ** 2) / 2,
        forces: new Float64Array(3 * c.species.length),
        stress: Float64Array.from([1, 0, 0, 0, 1, 0, 0, 0, 1], (x) => x * pressure * 160.21766208),
      };
    });

describe('relaxation with CHGNet', () => {
  const evaluations: Partial<Record<RelaxMethod, number>> = {};

  it.each(RELAX_METHODS)('by %s ends where ASE and PyTorch end: 2 meV/atom, the same space group', async (method) => {
    const chosen = truth
      .filter((t) => t.converged && ['B1', 'B3', 'B4', 'diamond'].includes(t.prototype))
      .filter((_, i) => i % 6 === 0);
    expect(chosen.length).toBeGreaterThan(8);
    const results = await relaxMany(
      evaluate,
      chosen.map((t) => startOf(t.compound, t.prototype)),
      { fmax: 0.02, method },
    );
    evaluations[method] = results.reduce((sum, r) => sum + done(r).steps + 1, 0);
    const off = chosen.map((t, i) => {
      const r = done(results[i]);
      return {
        name: `${t.compound} ${t.prototype}`,
        converged: r.converged,
        meV: 1000 * (r.energyPerAtom - t.energy),
        spaceGroups: [symmetry(r.crystal, 0.05).number, t.spaceGroup],
      };
    });
    expect(off.filter((o) => !o.converged || Math.abs(o.meV) > 2 || o.spaceGroups[0] !== o.spaceGroups[1])).toEqual([]);
  });

  it('takes fewer evaluations by L-BFGS than by FIRE', () => {
    expect(evaluations.lbfgs).toBeLessThan(0.8 * (evaluations.fire ?? 0));
  });

  it('gives the same bytes alone and in company', async () => {
    const crystals = [startOf('NaCl', 'B1'), startOf('ZnO', 'B4'), startOf('LiF', 'B3')];
    const together = await relaxMany(evaluate, crystals);
    const alone = [];
    for (const crystal of crystals) alone.push(await relax(evaluate, crystal));
    expect(JSON.stringify(together)).toBe(JSON.stringify(alone));
  });

  it('reports an element that the model does not know, and relaxes the others', async () => {
    const [bad, good] = await relaxMany(evaluate, [
      { ...startOf('NaCl', 'B1'), species: ['Po', 'Cl'] },
      startOf('NaCl', 'B1'),
    ]);
    expect(bad).toBeInstanceOf(LcomsError);
    expect(done(good).converged).toBe(true);
    await expect(relax(evaluate, { ...one, species: ['At'] })).rejects.toMatchObject({
      code: 'LCOMS_E_ELEMENT_UNKNOWN',
    });
  });
});

describe('relaxation', () => {
  it('finds the volume of a spring from any start', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.double({ min: 2, max: 5, noNaN: true }),
        fc.double({ min: 12, max: 80, noNaN: true }),
        fc.constantFrom(...RELAX_METHODS),
        async (a, rest, method) => {
          const options = { fmax: 1e-4, maxSteps: 5000, method };
          const r = await relax(spring(rest, 0.01), { ...one, lattice: cube(a) }, options);
          const [[x], [, y], [, , z]] = r.crystal.lattice;
          return r.converged && Math.abs(x * y * z - rest) < 0.05 * rest;
        },
      ),
      { numRuns: 30 },
    );
  });

  it('leaves its input alone and reports each step', async () => {
    const crystal = structuredClone(one);
    const seen: number[] = [];
    const r = await relax(spring(40, 0.01), crystal, { onStep: ({ step }) => seen.push(step) });
    expect(crystal).toEqual(one);
    expect(seen).toEqual(Array.from({ length: r.steps + 1 }, (_, i) => i));
  });

  it('never calls a relaxation converged that ran out of steps', async () => {
    const r = await relax(spring(40, 0.01), one, { maxSteps: 2 });
    expect(r).toMatchObject({ converged: false, reason: 'max-steps', steps: 2 });
    expect(Number.isFinite(r.energyPerAtom)).toBe(true);
  });

  it.each([
    ['energy', { energy: Number.NaN }],
    ['energy', { energy: Number.NEGATIVE_INFINITY }],
    ['forces', { forces: Float64Array.of(0, Number.NaN, 0) }],
    ['stress', { stress: new Float64Array(9).fill(Number.NaN) }],
  ])('never calls a relaxation converged whose %s is not finite', async (_, wrong) => {
    const still = { energy: -1, forces: new Float64Array(3), stress: new Float64Array(9) };
    const r = await relax(async () => [{ ...still, ...wrong }], one);
    expect(r).toMatchObject({ converged: false, reason: 'not-finite' });
    expect(r.energyPerAtom).toBeNaN();
  });

  it('never calls an exploding or collapsing cell converged', async () => {
    const push =
      (sign: number): EvaluateMany =>
      async (crystals) =>
        crystals.map(() => ({
          energy: -1,
          forces: new Float64Array(3),
          stress: Float64Array.of(sign, 0, 0, 0, sign, 0, 0, 0, sign).map((x) => 100 * x),
        }));
    expect(await relax(push(-1), one, { maxSteps: 10_000 })).toMatchObject({ converged: false, reason: 'exploded' });
    expect(await relax(push(1), one, { maxSteps: 10_000 })).toMatchObject({ converged: false, reason: 'collapsed' });
    let calls = 0;
    const dies: EvaluateMany = async (crystals) =>
      calls++ > 3 ? [new LcomsError('LCOMS_E_CRYSTAL', 'too dense')] : push(1)(crystals);
    expect(await relax(dies, one)).toMatchObject({ converged: false, reason: 'collapsed' });
  });

  it('stops when aborted', async () => {
    const controller = new AbortController();
    const stop = new Error('stop');
    const running = relax(spring(400, 1e-6), one, {
      signal: controller.signal,
      fmax: 1e-12,
      onStep: ({ step }) => step === 3 && controller.abort(stop),
    });
    await expect(running).rejects.toBe(stop);
  });
});
