import { expect, it } from 'vitest';
import { cpuSeconds } from '../../../activities/predict/ledger.js';
import { Portfolio } from '../../../activities/predict/portfolio.js';
import type { SearchOptions } from '../../../activities/predict/search.js';
import type { CandidateSource, SourceName } from '../../../activities/predict/sources/source.js';
import { Rng } from '../../../lib/random/rng.js';
import { randomCrystal } from '../../../lib/relax/random-start.js';
import type { Scorer } from '../../../plugins/contract/scorer.js';
import type { Crystal } from '../../../schemas/crystal.js';
import { lennardJonesMany } from '../../lib/relax/lennard-jones.js';

/** The Lennard-Jones crystal as a scorer; `burn` makes each evaluation cost CPU time. */
const scorer = (burn = 0): Scorer => ({
  identity: { name: 'lennard-jones', version: '1', weights: null } as unknown as Scorer['identity'],
  elements: new Set(['Ar']),
  elementReferences: null,
  evaluate: async (crystals) => {
    const until = cpuSeconds() + burn;
    while (cpuSeconds() < until);
    return await lennardJonesMany(crystals);
  },
  secondOpinion: async () => null,
  dispose: async () => undefined,
});

const argon = (rng: Rng, atoms = 2): Crystal =>
  randomCrystal(
    Array.from({ length: atoms }, () => 'Ar'),
    rng,
  );

const source = (
  name: SourceName,
  limit = Number.POSITIVE_INFINITY,
  make = argon,
): CandidateSource & { asked: number } => ({
  name,
  asked: 0,
  async propose(count, rng) {
    const given = Math.min(count, limit - this.asked);
    this.asked += given;
    return Array.from({ length: given }, (_, i) => ({ crystal: make(rng.fork(i)), note: `${this.asked}` }));
  },
});

const DEFAULTS: SearchOptions = {
  tries: 12,
  budget: null,
  draws: 1,
  fmax: 0.05,
  maxSteps: 250,
  method: 'lbfgs',
  atoms: undefined,
  templates: [],
  sources: null,
};

const run = async (
  sources: CandidateSource[],
  options: Partial<SearchOptions> = {},
  judge = scorer(),
  minima: Crystal[] = [],
) => {
  const hooks = { signal: new AbortController().signal };
  return await new Portfolio(sources, judge, minima, Rng.from('0'), hooks, { ...DEFAULTS, ...options }).run();
};

it('makes all tries, gives those of an empty source to the others, and accounts for each', async () => {
  const [few, many, none] = [source('prototype', 2), source('random start'), source('latent sample', 0)];
  const minima: Crystal[] = [];
  const outcome = await run([few, many, none], {}, scorer(), minima);
  expect(outcome).toMatchObject({ complete: true, finished: 12, cells: [{ atoms: 2, tries: 12 }] });
  expect([few.asked, many.asked]).toEqual([2, 10]);
  expect(outcome.accounts.map(({ source: name, proposed }) => [name, proposed])).toEqual([
    ['prototype', 2],
    ['random start', 10],
  ]);
  const relaxed = outcome.accounts.reduce((sum, { relaxed: n, stopped }) => sum + n + stopped, 0);
  const lost = Object.values(outcome.rejected).reduce((sum, n) => sum + n, 0);
  const joined = new Set(outcome.answers.flatMap(({ tries }) => [...tries])).size;
  expect(relaxed).toBeLessThanOrEqual(12);
  expect(joined + lost).toBe(12);
  expect(minima.length).toBe(outcome.accounts.find(({ source: name }) => name === 'random start')?.relaxed);
  for (const { distinct, bestEnergyPerAtom } of outcome.accounts) {
    expect(distinct > 0).toBe(bestEnergyPerAtom !== null);
    if (bestEnergyPerAtom !== null)
      expect(bestEnergyPerAtom).toBeGreaterThanOrEqual(outcome.answers[0]?.energyPerAtom ?? 0);
  }
});

it('begins with templates, one kind after the other, one in place of the other where that has too few', async () => {
  const of = (name: SourceName, limit: number, atoms: number) => source(name, limit, (rng: Rng) => argon(rng, atoms));
  const [some, many, random] = [of('template', 1, 3), of('prototype', 20, 2), of('random start', 99, 1)];
  const first: string[] = [];
  const hooks = {
    signal: new AbortController().signal,
    onAnswer: (ranked: { origin: { source: string } }[]) => first.push(ranked.at(-1)?.origin.source ?? ''),
  };
  const options = { ...DEFAULTS, tries: 12 };
  const outcome = await new Portfolio([some, many, random], scorer(), [], Rng.from('1'), hooks, options).run();
  expect(some.asked).toBe(1);
  expect(many.asked).toBeGreaterThanOrEqual(5);
  expect(outcome.accounts.reduce((sum, { proposed }) => sum + proposed, 0)).toBe(12);
  expect(first[0]).toBe('template');
});

it('relaxes the smallest of the first kind before anything else', async () => {
  const evaluated: number[] = [];
  const watched: Scorer = {
    ...scorer(),
    evaluate: async (crystals) => {
      evaluated.push(...crystals.map(({ species }) => species.length));
      return await scorer().evaluate(crystals);
    },
  };
  let made = 0;
  const sizes = [3, 4, 2, 5];
  const templates = source('template', 4, (rng: Rng) => argon(rng, sizes[made++] as number));
  const hooks = { signal: new AbortController().signal };
  await new Portfolio([templates], watched, [], Rng.from('2'), hooks, { ...DEFAULTS, tries: 8 }).run();
  const others = evaluated.findIndex((atoms) => atoms !== 2);
  expect(others).toBeGreaterThan(1);
  expect(new Set(evaluated.slice(others))).toContain(5);
});

it('ends when no source has anything more', async () => {
  const outcome = await run([source('prototype', 3), source('template', 1)], { tries: 50 });
  expect(outcome).toMatchObject({ complete: true, finished: 4 });
  expect(await run([source('walk from random start', 0)])).toMatchObject({ finished: 0, answers: [] });
});

it('relaxes one of several equal starts, and credits the answer with all of them', async () => {
  const same = source('latent sample', 6, () => argon(Rng.from('fixed')));
  const outcome = await run([same], { tries: 6 });
  expect(outcome.accounts[0]).toMatchObject({ proposed: 6, relaxed: 1, distinct: 1 });
  expect([...(outcome.answers[0]?.tries ?? [])]).toEqual([0, 1, 2, 3, 4, 5]);
});

it('counts what a source could not make', async () => {
  const broken: CandidateSource = {
    name: 'latent sample',
    propose: async (n) => Array.from({ length: n }, () => 'broken'),
  };
  expect(await run([broken], { tries: 7 })).toMatchObject({ finished: 7, rejected: { broken: 7 }, answers: [] });
});

it('goes on until the CPU seconds are spent', async () => {
  const begun = cpuSeconds();
  const outcome = await run([source('random start')], { tries: Number.POSITIVE_INFINITY, budget: 2 });
  expect(cpuSeconds() - begun).toBeGreaterThan(2);
  expect(outcome.complete).toBe(true);
  expect(outcome.answers.length).toBeGreaterThan(0);
  expect(outcome.finished).toBeGreaterThan(1);
});

it('finds nothing in a budget that is too small for a relaxation, says so, and ends', async () => {
  const outcome = await run([source('random start')], { tries: Number.POSITIVE_INFINITY, budget: 0.05 }, scorer(0.1));
  expect(outcome).toMatchObject({
    answers: [],
    complete: true,
    rejected: { 'left when the budget was spent': expect.any(Number) },
  });
});

it('is never worse than a source of its own alone with the same candidates', async () => {
  const alone = await run([source('prototype', 4)], { tries: 4 });
  const together = await run([source('prototype', 4), source('random start'), source('symmetric start')], {
    tries: 30,
  });
  expect(together.answers[0]?.energyPerAtom).toBeLessThanOrEqual((alone.answers[0]?.energyPerAtom ?? 0) + 1e-9);
});
