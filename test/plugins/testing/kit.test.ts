import { afterAll, describe, expect, it } from 'vitest';
import type { Plugin } from '../../../plugins/contract/define-plugin.js';
import { type CheckResult, checkPlugin } from '../../../plugins/testing/index.js';
import { toyEncoder, toySurrogate } from './toy-learners.js';
import { toyDataset, toyOptimizer } from './toy-others.js';
import { toyScorer } from './toy-scorer.js';
import { toyStructureSurrogate } from './toy-structure-surrogate.js';
import type { Faults } from './toy-training.js';

const KINDS: Record<string, (faults: Faults) => Plugin> = {
  dataset: toyDataset,
  encoder: toyEncoder,
  surrogate: toySurrogate,
  'surrogate over structures': toyStructureSurrogate,
  optimizer: toyOptimizer,
  scorer: toyScorer,
};

const INVARIANT = 'energies do not change by translation, permutation, rotation and in a supercell';

/** A fault of a plugin, and the check that has to find it. */
const FAULTS: [kind: string, fault: string, check: string][] = [
  ['dataset', 'has a bad manifest', 'manifest'],
  ['dataset', 'takes any option', 'unknown options are rejected'],
  ['dataset', 'has a bad default', 'defaults parse'],
  ['dataset', 'changes its options', 'options are plain data'],
  ['dataset', 'cannot load', 'a data set loads'],
  ['dataset', 'has no energies', 'rows are crystals or say what is wrong'],
  ['dataset', 'loads by chance', 'same file, same rows'],
  ['surrogate', 'writes to its input', 'training leaves its input alone'],
  ['surrogate', 'reports NaN', 'training gives finite metrics'],
  ['surrogate', 'has a seed of its own', 'same seed, same bytes'],
  ['surrogate', 'forgets its weights', 'resumed training is training that was not interrupted'],
  ['surrogate', 'does not listen', 'cancelled training ends within a second'],
  ['surrogate', 'cannot load', 'a trained model loads, its input left alone'],
  ['surrogate', 'writes to its blobs', 'a trained model loads, its input left alone'],
  ['surrogate', 'predicts NaN', 'energies and gradients are finite and of the right length'],
  ['surrogate', 'mixes rows', 'a row does not depend on its batch'],
  ['surrogate', 'averages its gradients', 'a row does not depend on its batch'],
  ['surrogate', 'has wrong gradients', 'gradients are those of the energies'],
  ['surrogate', 'counts atoms', 'a composition counts by its fractions, and none but what was seen'],
  ['surrogate', 'answers for anything', 'a composition counts by its fractions, and none but what was seen'],
  ['surrogate', 'loads differently', 'a model loaded twice is the same'],
  ['surrogate over structures', 'takes latents', 'the plugin says what it predicts from'],
  ['surrogate over structures', 'scores NaN', 'energies are finite and of the right length'],
  ['surrogate over structures', 'sees the origin', INVARIANT],
  ['surrogate over structures', 'sees the order', INVARIANT],
  ['surrogate over structures', 'forgets to scale', INVARIANT],
  ['surrogate over structures', 'mixes crystals', 'a crystal does not depend on its batch'],
  ['surrogate over structures', 'loads differently', 'a model loaded twice is the same'],
  ['surrogate over structures', 'scores anything', 'an element that it has not seen is refused'],
  ['surrogate over structures', 'has forces of the wrong sign', 'forces are -dE/dx'],
  ['surrogate over structures', 'has stress in eV/A^3', 'stress is dE/dstrain over the volume'],
  ['surrogate over structures', 'has energies of another scale', 'evaluations have the energies of energies()'],
  ['encoder', 'writes to its input', 'training leaves its input alone'],
  ['encoder', 'encodes NaN', 'latents are finite and of the right length'],
  ['encoder', 'encodes too little', 'latents are finite and of the right length'],
  ['encoder', 'sees the origin', 'encoding does not see translation, permutation and rotation'],
  ['encoder', 'sees the order', 'encoding does not see translation, permutation and rotation'],
  ['encoder', 'sees the orientation', 'encoding does not see translation, permutation and rotation'],
  ['encoder', 'decodes other species', 'decoding gives valid cells of the species asked for'],
  ['encoder', 'decodes flat cells', 'decoding gives valid cells of the species asked for'],
  ['encoder', 'decodes by chance', 'decoding has the same bytes for the same seed'],
  ['optimizer', 'writes to its input', 'a search leaves its input alone and ends'],
  ['optimizer', 'loses a start', 'a result has a finite row per start'],
  ['optimizer', 'boasts', 'values are those of the points'],
  ['optimizer', 'leaves the box', 'asked points are finite and inside the bounds'],
  ['optimizer', 'searches by chance', 'same seed, same bytes'],
  ['optimizer', 'forgets its state', 'a state goes on with the same bytes'],
  ['optimizer', 'spends too much', 'a budget is kept exactly'],
  ['optimizer', 'asks for something else', 'a state between ask and tell holds what was asked'],
  ['optimizer', 'trusts failures', 'failed evaluations do not spoil a search'],
  ['optimizer', 'takes any bounds', 'what does not fit is refused'],
  ['optimizer', 'takes any number of values', 'what does not fit is refused'],
  ['optimizer', 'dies of NaN', 'failed evaluations do not spoil a search'],
  ['scorer', 'has a bad identity', 'a scorer says who it is and which elements it knows'],
  ['scorer', 'scores NaN', 'evaluations are finite and of the right length'],
  ['scorer', 'scores by chance', 'same crystals, same bytes'],
  ['scorer', 'sees the origin', INVARIANT],
  ['scorer', 'sees the order', INVARIANT],
  ['scorer', 'forgets to scale', INVARIANT],
  ['scorer', 'has forces of the wrong sign', 'forces are -dE/dx'],
  ['scorer', 'has stress in eV/A^3', 'stress is dE/dstrain over the volume'],
  ['scorer', 'scores anything', 'a crystal that it cannot score is an error of its own'],
  ['scorer', 'judges itself', 'a second opinion is of another model'],
  ['scorer', 'cannot be disposed of', 'a scorer can be disposed of'],
];

const check = (kind: string, ...faults: string[]): Promise<CheckResult[]> =>
  checkPlugin((KINDS[kind] as (faults: Faults) => Plugin)(new Set(faults)));

const seen = new Set<string>();

describe.each(Object.keys(KINDS))('a sound %s', (kind) => {
  it('passes every check', async () => {
    const results = await check(kind);
    for (const { name } of results) seen.add(name);
    expect(results.filter(({ ok, skipped }) => !ok || skipped !== undefined)).toEqual([]);
  });
});

describe('a plugin that is at fault', () => {
  it.each(FAULTS)('%s: %s', async (kind, fault, name) => {
    const found = (await check(kind, fault)).find((result) => result.name === name);
    expect(found).toMatchObject({ ok: false, detail: expect.any(String) });
  });
});

describe('the checks', () => {
  it('say why they are skipped', async () => {
    const { jsonlDataset } = await import('../../../plugins/datasets/jsonl/index.js');
    const results = await checkPlugin(jsonlDataset);
    expect(results.find(({ name }) => name === 'defaults parse')?.skipped).toMatch(/file/);
  });

  it('name the options that do not parse', async () => {
    const results = await checkPlugin(toyDataset(new Set()), { with: { size: 'all' } });
    expect(results.at(-1)).toMatchObject({
      name: 'defaults parse',
      ok: false,
      detail: expect.stringContaining('size'),
    });
  });

  afterAll(() => {
    const provable = new Set(FAULTS.map(([, , name]) => name));
    expect([...seen].filter((name) => !provable.has(name))).toEqual([]);
  });
});
