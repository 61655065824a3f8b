import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { relax } from '../../../lib/relax/relax.js';
import type { EvaluateMany } from '../../../lib/scoring/evaluation.js';
import {
  allOf,
  convergenceGuard,
  distanceGuard,
  referenceGuard,
  secondOpinionGuard,
  volumeGuard,
} from '../../../lib/scoring/guards.js';
import { binary26Polymorphs } from '../../../plugins/datasets/simulated/binary26.js';
import { evaluateChgnet } from '../../../plugins/scorers/chgnet/evaluate.js';
import { chgnetSession } from '../../../plugins/scorers/chgnet/session.js';
import type { Crystal, Mat3, Vec3 } from '../../../schemas/crystal.js';
import { ELEMENTS } from '../../../schemas/elements.js';
import { LcomsError } from '../../../schemas/errors.js';

const judge: EvaluateMany = async (crystals) => evaluateChgnet(await chgnetSession('r2scan'), crystals);
const second: EvaluateMany = async (crystals) => evaluateChgnet(await chgnetSession('0.3.0'), crystals);
const perAtom = async (evaluate: EvaluateMany, crystal: Crystal): Promise<number> => {
  const [result] = await evaluate([crystal]);
  if (result === undefined || result instanceof LcomsError) throw result ?? new Error('no result');
  return result.energy / crystal.species.length;
};
const cube = (a: number): Mat3 => [
  [a, 0, 0],
  [0, a, 0],
  [0, 0, a],
];

describe('the hole of CHGNet-r2SCAN in Li2F2', async () => {
  const hole = JSON.parse(readFileSync(new URL('../../fixtures/scoring/lif-hole.json', import.meta.url), 'utf8')) as {
    end: { cell: Mat3; frac: Vec3[]; Z: number[] };
  };
  const { cell, frac, Z } = hole.end;
  const start: Crystal = { lattice: cell, frac, species: Z.map((z) => ELEMENTS[z] as string) };
  const found = await relax(judge, start);
  const rocksalt = binary26Polymorphs().find((p) => p.formula === 'LiF' && p.prototype === 'B1') as Crystal;
  const known = { first: await perAtom(judge, rocksalt), second: await perAtom(second, rocksalt) };

  it('has sound distances and density, and lies almost 1 eV/atom below rock salt', () => {
    expect(allOf(distanceGuard(found.crystal), volumeGuard(found.crystal)).ok).toBe(true);
    expect(found.energyPerAtom - known.first).toBeLessThan(-0.9);
  });

  it('has no minimum: its relaxation is not called converged', () => {
    expect(convergenceGuard(found).ok).toBe(false);
    expect(found.reason).toBe('max-steps');
  });

  it('is flagged as too far below the best known crystal', () => {
    const verdict = referenceGuard(found.energyPerAtom, known.first);
    expect(verdict.ok).toBe(false);
    expect(verdict.reasons[0]).toMatch(/9\d\d meV\/atom below the best known crystal/);
  });

  it('is contradicted by the second opinion', async () => {
    const opinions = { first: found.energyPerAtom, second: await perAtom(second, found.crystal) };
    const verdict = secondOpinionGuard(opinions, known);
    expect(verdict.ok).toBe(false);
    expect(verdict.reasons[0]).toMatch(/they differ by more than 100 meV\/atom/);
  });

  it('does not make the guards reject rock salt', () => {
    const verdict = allOf(
      distanceGuard(rocksalt),
      volumeGuard(rocksalt),
      referenceGuard(known.first, known.first),
      secondOpinionGuard(known, known),
    );
    expect(verdict).toEqual({ ok: true, reasons: [] });
  });
});

describe('guards', () => {
  const pair = (d: number): Crystal => ({
    lattice: cube(6),
    species: ['F', 'F'],
    frac: [
      [0, 0, 0],
      [d / 6, 0, 0],
    ],
  });

  it('trip on a relaxation that did not converge', () => {
    expect(convergenceGuard({ converged: true, maxForce: 0.01 }).ok).toBe(true);
    expect(convergenceGuard({ converged: false, maxForce: 0.3, reason: 'max-steps' })).toEqual({
      ok: false,
      reasons: ['the relaxation did not converge (max-steps, largest force 0.30 eV/A)'],
    });
  });

  it('trip on overlapping atoms', () => {
    expect(distanceGuard(pair(1.4)).ok).toBe(true);
    expect(distanceGuard(pair(0.3)).reasons).toEqual([
      'two atoms are at 0.26 of the sum of their covalent radii, under 0.35',
    ]);
  });

  it('trip on cells that no solid has', () => {
    const one = (a: number): Crystal => ({ lattice: cube(a), species: ['Na'], frac: [[0, 0, 0]] });
    expect(volumeGuard(one(3)).ok).toBe(true);
    expect(volumeGuard(one(1.6)).reasons).toEqual(['4.1 A^3/atom is outside 4.5 to 200']);
    expect(volumeGuard(one(6)).ok).toBe(false);
  });

  it('allow a discovery of 50 meV/atom and no more', () => {
    expect(referenceGuard(-1.049, -1).ok).toBe(true);
    expect(referenceGuard(-1.051, -1).ok).toBe(false);
  });

  it('never let a number that is none pass', () => {
    const nan = Number.NaN;
    expect(referenceGuard(nan, -1).ok).toBe(false);
    expect(secondOpinionGuard({ first: nan, second: 0 }, { first: 0, second: 0 }).ok).toBe(false);
    expect(volumeGuard({ lattice: cube(nan), species: ['Na'], frac: [[0, 0, 0]] }).ok).toBe(false);
  });

  it('gather the reasons of all that tripped', () => {
    const verdict = allOf(
      referenceGuard(-2, -1),
      convergenceGuard({ converged: true, maxForce: 0 }),
      volumeGuard({ lattice: cube(1), species: ['Na'], frac: [[0, 0, 0]] }),
    );
    expect(verdict.ok).toBe(false);
    expect(verdict.reasons).toHaveLength(2);
  });
});
