import { expect, it } from 'vitest';
import { SAME_ENERGY } from '../../../activities/predict/answers.js';
import { spreadTries } from '../../../activities/predict/cells.js';
import { latentDescent } from '../../../activities/predict/descent.js';
import { type Outcome, type SearchHooks, searchCompound } from '../../../activities/predict/search.js';
import { compositionOf, reducedFormula } from '../../../lib/crystal/composition.js';
import { sameStructure } from '../../../lib/crystal/same-structure.js';
import { Rng } from '../../../lib/random/rng.js';
import { distanceGuard, volumeGuard } from '../../../lib/scoring/guards.js';
import type { SurrogateModel } from '../../../plugins/contract/surrogate.js';
import { chgnetScorer } from '../../../plugins/scorers/chgnet/scorer.js';
import type { Composition } from '../../../schemas/crystal.js';
import { toyModel, toyReference, toySurrogate } from './toy-model.js';

const unit = { Mg: 1, O: 1 };

async function search(seed: string, tries: number, hooks: Partial<SearchHooks> = {}): Promise<Outcome> {
  const { signal } = new AbortController();
  const cells = spreadTries(unit, [1, 2], tries);
  const optimizer = await latentDescent(toyReference.length / 2);
  const scorer = await chgnetScorer();
  return await searchCompound(cells, toyModel(seed), optimizer, scorer, Rng.from(seed), { signal, ...hooks });
}

const text = ({ answers, ...rest }: Outcome): string =>
  JSON.stringify({ ...rest, answers: answers.map((a) => ({ ...a, tries: [...a.tries], sources: [...a.sources] })) });

it('gives distinct, sane structures of the formula, lowest first, and the same bytes for the same seed', async () => {
  const progress: number[] = [];
  const found: number[] = [];
  const outcome = await search('0', 4, {
    onProgress: ({ fraction }) => progress.push(fraction),
    onAnswer: (ranked) => found.push(ranked.length),
  });
  const { answers } = outcome;
  expect(outcome).toMatchObject({ complete: true, finished: 4 });
  expect(answers.length).toBeGreaterThan(0);
  const energies = answers.map((a) => a.energyPerAtom);
  expect(energies).toEqual([...energies].sort((a, b) => a - b));
  for (const [i, a] of answers.entries()) {
    expect(reducedFormula(compositionOf(a.crystal.species))).toBe('MgO');
    expect(distanceGuard(a.crystal).ok && volumeGuard(a.crystal).ok).toBe(true);
    for (const b of answers.slice(i + 1)) expect(sameStructure(a, b, SAME_ENERGY)).toBe(false);
  }
  // Each try is credited with an answer, some with two (its random start and where the walk led), none with a made-up id.
  const credited = new Set(answers.flatMap((a) => [...a.tries]));
  expect(Math.max(...credited)).toBeLessThan(4);
  // The third of the tries after templates is a random start.
  const { answers: more } = await search('0', 8);
  expect(new Set(more.flatMap((a) => [...a.sources]))).toContain('random start');
  expect(progress).toEqual([...progress].sort((a, b) => a - b));
  expect(progress.at(-1)).toBeCloseTo(1, 9);
  expect(found[0]).toBe(1);
  // MgO is easy enough for four tries: rock salt.
  expect(answers[0]?.symmetry.symbol).toBe('Fm-3m');
  expect(answers[0]?.crystal.species).toHaveLength(2);

  expect(text(await search('0', 4))).toBe(text(outcome));
  expect(text(await search('1', 4))).not.toBe(text(outcome));
}, 300_000);

it('asks a surrogate that takes the composition for that of the compound', async () => {
  const asked: Composition[] = [];
  const { encoder, reference } = toyModel('0');
  const unasked = () => Promise.reject(new Error('asked without a composition'));
  const surrogate: SurrogateModel = {
    ...toySurrogate,
    energies: unasked,
    gradients: unasked,
    forComposition: (given) => {
      asked.push(given);
      return toySurrogate;
    },
  };
  const { signal } = new AbortController();
  const optimizer = await latentDescent(toyReference.length / 2);
  const found = await searchCompound(
    spreadTries(unit, [1], 2),
    { encoder, reference, surrogate },
    optimizer,
    await chgnetScorer(),
    Rng.from('0'),
    { signal },
    { sources: ['training latent'] },
  );
  expect(found.finished).toBe(2);
  expect(asked).toEqual([unit]);
}, 60_000);

it('keeps what was found when it is aborted', async () => {
  const controller = new AbortController();
  const outcome = await search('0', 6, {
    signal: controller.signal,
    onAnswer: () => controller.abort(new Error('enough')),
  });
  expect(outcome.complete).toBe(false);
  expect(outcome.answers).toHaveLength(1);
  expect(outcome.finished).toBeLessThan(6);
}, 60_000);

it('passes on what is no abort', async () => {
  const broken = { ...(await chgnetScorer()), evaluate: () => Promise.reject(new TypeError('broken')) };
  const { signal } = new AbortController();
  const optimizer = await latentDescent(32);
  await expect(
    searchCompound(spreadTries(unit, [1], 1), toyModel('0'), optimizer, broken, Rng.from('0'), { signal }),
  ).rejects.toThrow('broken');
});
