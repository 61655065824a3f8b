import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { StepContext } from '../../../activities/steps/context.js';
import { judge } from '../../../activities/steps/judge.js';
import type { ScoreRow } from '../../../activities/steps/score-row.js';
import type { KnownCompound, Truth } from '../../../activities/steps/truth.js';
import type { RelaxMethod } from '../../../lib/relax/minimizer.js';
import type { Evaluation } from '../../../lib/scoring/evaluation.js';
import type { Scorer } from '../../../plugins/contract/scorer.js';
import { binary26Polymorphs } from '../../../plugins/datasets/simulated/binary26.js';
import { chgnetScorer } from '../../../plugins/scorers/chgnet/scorer.js';
import type { Crystal, Mat3, Vec3 } from '../../../schemas/crystal.js';
import { ELEMENTS } from '../../../schemas/elements.js';
import { LcomsError } from '../../../schemas/errors.js';

/** As much of a step's context as judging takes. */
const context = (options: { fmax: number; maxSteps: number; method?: RelaxMethod }): StepContext =>
  ({ node: { options }, signal: new AbortController().signal, tick: () => undefined }) as unknown as StepContext;
const truthOf = (scorer: Scorer, known: KnownCompound): Truth => ({
  scorer: scorer.identity,
  secondScorer: null,
  elementReferences: scorer.elementReferences ?? {},
  compounds: [known],
});
const judged = (
  scorer: Scorer,
  known: KnownCompound,
  crystals: Crystal[],
  options: Parameters<typeof context>[0] = { fmax: 0.05, maxSteps: 20 },
): Promise<ScoreRow[]> =>
  judge(
    context(options),
    scorer,
    truthOf(scorer, known),
    known.formula,
    crystals.map((crystal) => ({ method: 'lcom', try: 0, crystal, note: null })),
  );

const rocksalt = binary26Polymorphs().find((p) => p.formula === 'LiF' && p.prototype === 'B1') as Crystal;
const { cell, frac, Z } = (
  JSON.parse(readFileSync(new URL('../../fixtures/scoring/lif-hole.json', import.meta.url), 'utf8')) as {
    end: { cell: Mat3; frac: Vec3[]; Z: number[] };
  }
).end;
const hole: Crystal = { lattice: cell, frac, species: Z.map((z) => ELEMENTS[z] as string) };

async function lithiumFluoride(scorer: Scorer): Promise<KnownCompound> {
  const second = await scorer.secondOpinion();
  const perAtom = async (by: Scorer | null): Promise<number> =>
    ((await by?.evaluate([rocksalt]))?.[0] as Evaluation).energy / rocksalt.species.length;
  const structure = { name: 'B1', crystal: rocksalt, spaceGroup: 225, spaceGroupSymbol: 'Fm-3m' };
  return {
    formula: 'LiF',
    structures: [{ ...structure, energyPerAtom: await perAtom(scorer) }],
    formationEnergyPerAtom: -3,
    elemental: false,
    secondEnergyPerAtom: await perAtom(second),
  };
}

describe('judging the hole of CHGNet-r2SCAN in Li2F2', async () => {
  const scorer = await chgnetScorer();
  const known = await lithiumFluoride(scorer);

  it('refuses it as not converged, and says nothing against rock salt beside it', async () => {
    const [bad, good] = await judged(scorer, known, [hole, rocksalt]);
    expect(bad).toMatchObject({ after: null, match: false });
    expect(bad?.flags).toEqual([expect.stringMatching(/^the relaxation did not converge \(max-steps/)]);
    expect(good).toMatchObject({ flags: [], match: true });
    expect(Math.abs(good?.after?.aboveTruth ?? Number.NaN)).toBeLessThan(1);
  });

  it('refuses it where L-BFGS finds its bottom: too far below the best known, and the second opinion differs', async () => {
    const [bad] = await judged(scorer, known, [hole], { fmax: 0.05, maxSteps: 250, method: 'lbfgs' });
    expect(bad?.relaxSteps).toBeLessThan(250);
    expect(bad?.after?.aboveTruth).toBeLessThan(-900);
    expect(bad?.flags).toEqual([
      expect.stringMatching(/9\d\d|10\d\d meV\/atom below the best known crystal/),
      expect.stringMatching(/the second opinion .* they differ by more than 100 meV\/atom/),
    ]);
  });
});

describe('judging a stretched rock salt', async () => {
  const scorer = await chgnetScorer();
  const known = await lithiumFluoride(scorer);

  it('relaxes by the method that the step names', async () => {
    const crystal = { ...rocksalt, lattice: rocksalt.lattice.map((row) => row.map((x) => 1.1 * x)) as Mat3 };
    const by = async (method?: RelaxMethod): Promise<ScoreRow | undefined> => {
      const options = { fmax: 0.01, maxSteps: 100, ...(method && { method }) };
      return (await judged(scorer, known, [crystal], options))[0];
    };
    const [unnamed, fire, lbfgs] = [await by(), await by('fire'), await by('lbfgs')];
    expect(unnamed).toEqual(fire);
    expect(lbfgs?.match).toBe(true);
    expect(lbfgs?.relaxSteps).toBeLessThan(fire?.relaxSteps ?? 0);
  });
});

describe('judging', () => {
  const cube = (a: number, ...species: string[]): Crystal => ({
    lattice: [
      [a, 0, 0],
      [0, a, 0],
      [0, 0, a],
    ],
    species,
    frac: species.map((_, i): Vec3 => [i / 2, i / 2, i / 2]),
  });
  /** A flat landscape: everything is at rest. What `odd` says of a crystal goes before. */
  const flat = (odd: (crystal: Crystal) => Evaluation | LcomsError | null): Scorer => ({
    identity: { name: 'flat', version: '1', weights: null },
    elements: new Set(['Mg', 'O']),
    elementReferences: null,
    evaluate: async (crystals) =>
      crystals.map(
        (c) =>
          odd(c) ?? {
            energy: -c.species.length,
            forces: new Float64Array(3 * c.species.length),
            stress: new Float64Array(9),
          },
      ),
    secondOpinion: async () => null,
    dispose: async () => undefined,
  });
  const known: KnownCompound = {
    formula: 'MgO',
    structures: [],
    formationEnergyPerAtom: null,
    elemental: false,
    secondEnergyPerAtom: null,
  };
  const sound = cube(2.6, 'Mg', 'O');

  it.each([
    [
      'overlapping atoms',
      {
        ...cube(4, 'Mg', 'O'),
        frac: [
          [0, 0, 0],
          [0.1, 0, 0],
        ] as Vec3[],
      },
      /of the sum of their covalent radii/,
    ],
    ['a cell that no solid has', cube(12, 'Mg', 'O'), /A\^3\/atom is outside 4.5 to 200/],
  ])('refuses %s, and not what is beside it', async (_, crystal, reason) => {
    const [bad, good] = await judged(
      flat(() => null),
      known,
      [crystal, sound],
    );
    expect(bad?.flags).toEqual([expect.stringMatching(reason)]);
    expect(good?.flags).toEqual([]);
  });

  it.each([
    ['no number', { energy: Number.NaN, forces: new Float64Array(6), stress: new Float64Array(9) }, /not-finite/],
    ['an error', new LcomsError('LCOMS_E_CRYSTAL', 'too odd to score'), /too odd to score/],
  ])('refuses a crystal for which the scorer gives %s, and not what is beside it', async (_, answer, reason) => {
    const scorer = flat(({ lattice }) => (lattice[0][0] > 3 ? answer : null));
    const [bad, good] = await judged(scorer, known, [cube(3.1, 'Mg', 'O'), sound]);
    expect(bad).toMatchObject({ before: null, after: null });
    expect(bad?.flags).toEqual([expect.stringMatching(reason)]);
    expect(good).toMatchObject({ flags: [], before: { energyPerAtom: -1 }, after: { energyPerAtom: -1 } });
  });
});
