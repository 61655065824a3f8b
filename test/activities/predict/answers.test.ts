import { beforeAll, describe, expect, it } from 'vitest';
import { type Answer, Answers, type Found } from '../../../activities/predict/answers.js';
import { polish } from '../../../activities/predict/polish.js';
import { judgeAgain } from '../../../activities/predict/second-opinion.js';
import { relax } from '../../../lib/relax/relax.js';
import type { Scorer } from '../../../plugins/contract/scorer.js';
import { prototypeStarts } from '../../../plugins/datasets/simulated/prototypes.js';
import { chgnetScorer } from '../../../plugins/scorers/chgnet/scorer.js';
import type { Crystal, Vec3 } from '../../../schemas/crystal.js';

const { signal } = new AbortController();
let scorer: Scorer;
const minima = new Map<string, { crystal: Crystal; energyPerAtom: number }>();

beforeAll(async () => {
  scorer = await chgnetScorer();
  for (const { name, crystal } of prototypeStarts({ Mg: 1, O: 1 })) {
    minima.set(name, await relax((c) => scorer.evaluate(c), crystal, { signal }));
  }
}, 60_000);

const found = (name: string, tries: number[]): Found => {
  const { crystal, energyPerAtom } = minima.get(name) as { crystal: Crystal; energyPerAtom: number };
  return { crystal, energyPerAtom, tries, source: 'training latent' };
};

function doubled({ lattice, species, frac }: Crystal): Crystal {
  const [a, b, c] = lattice;
  const half = (shift: number) => frac.map((f): Vec3 => [(f[0] + shift) / 2, f[1], f[2]]);
  return {
    lattice: [a.map((x) => 2 * x) as Vec3, b, c],
    species: [...species, ...species],
    frac: [...half(0), ...half(1)],
  };
}

describe('answers', () => {
  it('join one structure from different cells, and keep polymorphs apart', async () => {
    const answers = new Answers((s) => polish(scorer, s, 'lbfgs', signal));
    expect(await answers.add(found('B1', [0]))).toBe(true);
    expect(await answers.add(found('B2', [1]))).toBe(true);
    const super1 = found('B1', [2, 3]);
    expect(await answers.add({ ...super1, crystal: doubled(super1.crystal), source: 'random start' })).toBe(false);
    expect(await answers.add(found('B4', [4]))).toBe(true);
    const ranked = answers.ranked();
    // Wurtzite MgO flattens to its layered form when it is relaxed.
    expect(ranked.map((a) => a.symmetry.symbol)).toEqual(['Fm-3m', 'P6_3/mmc', 'Pm-3m']);
    expect([...(ranked[0]?.tries ?? [])]).toEqual([0, 2, 3]);
    expect([...(ranked[0]?.sources ?? [])]).toEqual(['training latent', 'random start']);
  });

  it('are written in the symmetrised primitive cell, with the energy of exactly that crystal', async () => {
    const b1 = found('B1', [0]);
    const { crystal, energyPerAtom, symmetry } = await polish(
      scorer,
      { ...b1, crystal: doubled(b1.crystal) },
      'lbfgs',
      signal,
    );
    expect(crystal.species).toHaveLength(2);
    expect(symmetry.number).toBe(225);
    const [evaluation] = await scorer.evaluate([crystal]);
    expect(energyPerAtom).toBe((evaluation as { energy: number }).energy / 2);
    expect(energyPerAtom).toBeLessThanOrEqual(b1.energyPerAtom + 1e-4);
  });
});

describe('the second opinion', () => {
  const answer = (name: string, change = 0): Answer => {
    const { crystal, energyPerAtom } = found(name, [0]);
    return {
      crystal,
      energyPerAtom: energyPerAtom + change,
      symmetry: { number: 1, symbol: 'P1', wyckoffs: [] },
      tries: new Set([0]),
      sources: new Set(['random start']),
      origin: { source: 'random start', note: '' },
      templates: 0,
    };
  };

  it('keeps real polymorphs and drops a hole: what only the scorer puts far lower', async () => {
    const second = await scorer.secondOpinion();
    const sound = await judgeAgain([answer('B1'), answer('B2'), answer('B4')], second);
    expect(sound.holes).toBe(0);
    expect(sound.kept.map(({ second: energy }) => Number.isFinite(energy))).toEqual([true, true, true]);
    const { kept, holes } = await judgeAgain([answer('B2', -2), answer('B1'), answer('B4')], second);
    expect(holes).toBe(1);
    expect(kept.map((j) => j.answer.energyPerAtom)).toEqual([answer('B1'), answer('B4')].map((a) => a.energyPerAtom));
  });

  it('drops nothing where it has nothing to say', async () => {
    const { kept, holes } = await judgeAgain([answer('B1', -2), answer('B2'), answer('B4')], null);
    expect(holes).toBe(0);
    expect(kept.map(({ second }) => second)).toEqual([null, null, null]);
  });
});
