import { describe, expect, it } from 'vitest';
import type { StepContext } from '../../../activities/steps/context.js';
import { startStructures } from '../../../activities/steps/start-structures.js';
import type { Truth } from '../../../activities/steps/truth.js';
import { compositionOf, reducedFormula } from '../../../lib/crystal/composition.js';
import { symmetry } from '../../../lib/crystal/symmetry.js';
import { Rng } from '../../../lib/random/rng.js';
import type { Evaluation } from '../../../lib/scoring/evaluation.js';
import { solidGuard } from '../../../lib/scoring/guards.js';
import { lennardJonesScorer } from '../../../plugins/scorers/lennard-jones/potential.js';
import type { Crystal } from '../../../schemas/crystal.js';

const scorer = lennardJonesScorer({ epsilon: 0.5, sigma: null, elements: {}, cutoff: 8, switchFrom: 0.66 });
const truth: Truth = { scorer: scorer.identity, secondScorer: null, elementReferences: {}, compounds: [] };

const blobs: Record<string, string> = { 'truth.json': JSON.stringify(truth), 'info.json': '{}' };

/** Runs the step with a Lennard-Jones landscape; nothing is known of the compound. */
async function starts(options: Record<string, unknown>, seed = 'seed', training: readonly Crystal[] = []) {
  const node = {
    plugin: null,
    options: { formula: 'MgO', atoms: null, tries: 1, redraws: 8, fmax: 0.1, maxSteps: 400, ...options },
  };
  const context = {
    node,
    rng: Rng.from(seed),
    signal: new AbortController().signal,
    tick: () => undefined,
    log: () => undefined,
    input: () => ({ artifact: { digest: 'some' } }),
    blob: async (_: unknown, name: string) =>
      Buffer.from(name === 'train.jsonl' ? training.map((c) => JSON.stringify(c)).join('\n') : (blobs[name] ?? '')),
    loaded: async (digest: string, load: () => unknown) => (digest.startsWith('dataset:') ? await load() : scorer),
  } as unknown as StepContext;
  const { blobs: made, metrics } = await startStructures(context);
  const text = Buffer.from(made[0]?.bytes ?? []).toString('utf8');
  const crystals = text
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Crystal);
  return { text, crystals, metrics };
}
const sizes = (crystals: readonly Crystal[]): number[] => crystals.map((c) => c.species.length);

describe('start structures', () => {
  it('are of the size asked for, two formula units where nothing is known', async () => {
    const { crystals, metrics } = await starts({ tries: 2 });
    expect(metrics).toMatchObject({ tries: 2, atoms: 4 });
    for (const c of crystals) expect(4 % c.species.length).toBe(0);
    expect((await starts({ atoms: 2 })).metrics['atoms']).toBe(2);
  });

  it('spread the tries over several sizes, small ones first', async () => {
    const { crystals, metrics } = await starts({ atoms: [2, 6], tries: 4 });
    expect(metrics['atoms']).toBe('2 6');
    expect(crystals).toHaveLength(4);
    expect(sizes(crystals).slice(0, 2)).toEqual([2, 2]);
    expect(Math.max(...sizes(crystals))).toBe(6);
    const searched = await starts({ atoms: 'search', tries: 6, formula: 'TiO2' });
    expect(searched.metrics['atoms']).toBe('3 6 9');
    for (const c of searched.crystals) expect(reducedFormula(compositionOf(c.species))).toBe('TiO2');
  });

  it('can be made from the training crystals most alike, in turn, and shaken when they come round again', async () => {
    const rocksalt = (a: number, b: string, c: string): Crystal => ({
      lattice: [
        [0, a, a],
        [a, 0, a],
        [a, a, 0],
      ],
      species: [b, c],
      frac: [
        [0, 0, 0],
        [0.5, 0.5, 0.5],
      ],
    });
    const options = { kind: 'template', atoms: 2 };
    const { crystals } = await starts({ ...options, tries: 1 }, 'seed', [rocksalt(2.4, 'Ca', 'O')]);
    expect(crystals[0]?.species.toSorted()).toEqual(['Mg', 'O']);
    expect(symmetry(crystals[0] as Crystal).number).toBe(225);
    const again = await starts({ ...options, tries: 2 }, 'seed', [rocksalt(2.4, 'Ca', 'O')]);
    expect(again.crystals).toHaveLength(2);
    expect(again.crystals[0]).toEqual(crystals[0]);
    expect(again.crystals[1]).not.toEqual(again.crystals[0]);
    const decorated = await starts({ ...options, kind: 'decoration' }, 'seed', [rocksalt(2.4, 'Ca', 'O')]);
    expect(decorated.text).toBe((await starts(options, 'seed', [rocksalt(2.4, 'Ca', 'O')])).text);
    await expect(starts({ ...options, atoms: 4 }, 'seed', [rocksalt(2.4, 'Ca', 'O')])).rejects.toThrow(
      'no training crystal has 4 atoms',
    );
  });

  it('can be symmetric before they are relaxed, and mostly stay so', async () => {
    const random = await starts({ tries: 8, atoms: 4 });
    const symmetric = await starts({ tries: 8, atoms: 4, kind: 'symmetric' });
    const orders = (crystals: readonly Crystal[]) => crystals.filter((c) => symmetry(c, 0.01).number > 2).length;
    expect(orders(symmetric.crystals)).toBeGreaterThan(orders(random.crystals));
    expect(sizes(symmetric.crystals).every((n) => 4 % n === 0)).toBe(true);
  });

  it('have no symmetry where no space group has room for the atoms', async () => {
    // With this seed none of 2,000 cells of random space groups has.
    const options = { formula: 'Ba2La2Zn(WO6)2', atoms: 19, kind: 'symmetric', relaxed: false, redraws: 20 };
    const { crystals } = await starts(options, 's8');
    expect(crystals[0]?.species).toHaveLength(19);
    expect(symmetry(crystals[0] as Crystal, 0.01).number).toBe(1);
    expect((await starts(options, 's8')).crystals).toEqual(crystals);
  });

  it('can be left as they are drawn, and be more than the tries', async () => {
    for (const kind of ['random', 'symmetric']) {
      const options = { kind, atoms: 4, tries: 2, pool: 3, relaxed: false };
      const { crystals, metrics, text } = await starts(options);
      expect(crystals).toHaveLength(6);
      expect(metrics).toMatchObject({ tries: 2 });
      expect(new Set(crystals.map((c) => JSON.stringify(c.lattice))).size).toBe(6);
      for (const crystal of crystals) {
        expect(crystal).not.toHaveProperty('energyPerAtom');
        expect(solidGuard(crystal)).toEqual({ ok: true, reasons: [] });
      }
      expect((await starts(options)).text).toBe(text);
      // They lie higher than what they relax to.
      const relaxed = (await starts({ kind, atoms: 4, tries: 2 })).crystals[0] as Crystal;
      const [drawn] = await scorer.evaluate([crystals[0] as Crystal]);
      const energy = (drawn as Evaluation).energy / (crystals[0] as Crystal).species.length;
      expect(relaxed.energyPerAtom).toBeLessThan(energy);
    }
  });

  it('depend on seed and options alone', async () => {
    for (const kind of ['random', 'symmetric']) {
      const options = { tries: 3, atoms: [2, 4], kind };
      const { text } = await starts(options);
      expect((await starts(options)).text).toBe(text);
      expect((await starts(options, 'another')).text).not.toBe(text);
    }
    expect((await starts({ kind: 'random' })).text).toBe((await starts({})).text);
  });
});
