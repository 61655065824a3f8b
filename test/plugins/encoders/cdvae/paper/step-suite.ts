import { expect, test } from 'vitest';
import { Rng } from '../../../../../lib/random/rng.js';
import { Adam } from '../../../../../lib/tensor/adam.js';
import { NotFinite } from '../../../../../lib/tensor/guarded-step.js';
import { tf } from '../../../../../lib/tensor/tf.js';
import { fitPaperScale } from '../../../../../plugins/encoders/cdvae/paper/lattice-parameters.js';
import type { PaperOptions } from '../../../../../plugins/encoders/cdvae/paper/options.js';
import { preparePaperCrystal } from '../../../../../plugins/encoders/cdvae/paper/prepared-crystal.js';
import { batchLoss, trainingStep } from '../../../../../plugins/encoders/cdvae/paper/step.js';
import { microBatches, type PaperRow } from '../../../../../plugins/encoders/cdvae/paper/training-batches.js';
import { caesiumChloride, copper, randomCrystal, rocksalt, rutile } from '../crystals.js';
import { tinyPaper, untrainedPaper } from './harness.js';

const rng = Rng.from('step');
const crystals = [
  rutile,
  copper,
  rocksalt('Na', 'Cl', 5.64),
  randomCrystal(rng, ['Si', 'O', 'O']),
  caesiumChloride('Cs', 'Cl', 4.12),
];

function rowsFor(options: PaperOptions, energies: (i: number) => number): PaperRow[] {
  return crystals.map((c, i) => ({ id: `${i}`, crystal: preparePaperCrystal(c, options), energy: energies(i) }));
}

/** Loss terms and weights after some steps, all crystals in each batch. */
function train(microBatchAtoms: number, steps: number, energies = (i: number) => i / 5) {
  const options = tinyPaper({ microBatchAtoms, energyWeight: 1 });
  const rows = rowsFor(options, energies);
  const { parameters, networks } = untrainedPaper(options);
  const adam = new Adam(parameters, { learningRate: 1e-3, clip: options.gradientClip });
  const evaluation = { networks, parameters, scale: fitPaperScale(rows.map((r) => r.crystal)), options };
  const start = parameters.save();
  try {
    const terms = Array.from({ length: steps }, (_, k) => trainingStep(rows, evaluation, adam, Rng.from(`batch/${k}`)));
    return { terms, weights: parameters.save(), look: batchLoss(rows, evaluation, Rng.from('look')) };
  } catch (error) {
    return { error, unchanged: JSON.stringify(parameters.save()) === JSON.stringify(start) };
  } finally {
    adam.dispose();
    parameters.dispose();
  }
}

/** Steps over micro-batches, on the backend in use. */
export function stepSuite(): void {
  test('a batch in micro-batches gives the loss, and the weights after a step, of the whole batch', () => {
    const whole = train(1000, 1);
    for (const atoms of [1, 4]) {
      const parts = train(atoms, 1);
      whole.terms?.[0]?.forEach((x, k) => expect(parts.terms?.[0]?.[k]).toBeCloseTo(x, 4));
      whole.look?.forEach((x, k) => expect(parts.look?.[k]).toBeCloseTo(x, 3));
      let [different, all] = [0, 0];
      for (const [name, { data }] of Object.entries(whole.weights ?? {})) {
        const mine = parts.weights?.[name]?.data as Float32Array;
        // Adam's first step has the size of the learning rate: only an element whose gradient is all rounding may differ.
        data.forEach((x, k) => {
          all += 1;
          if (Math.abs(x - (mine[k] as number)) > 1e-4) different += 1;
        });
      }
      expect(different).toBeLessThan(0.005 * all);
    }
  });

  test('equal seeds give equal bytes, and no tensor stays', () => {
    const before = tf.memory().numTensors;
    const [a, b] = [train(4, 3), train(4, 3)];
    expect(b).toEqual(a);
    expect(a.terms).toHaveLength(3);
    expect(tf.memory().numTensors).toBe(before);
  });

  test('a loss that is no number changes nothing, wherever in the batch it is', () => {
    const before = tf.memory().numTensors;
    for (const bad of [0, 4]) {
      const { error, unchanged } = train(4, 1, (i) => (i === bad ? Number.NaN : 0));
      expect(error).toBeInstanceOf(NotFinite);
      expect(unchanged).toBe(true);
    }
    expect(tf.memory().numTensors).toBe(before);
  });

  test('micro-batches keep the order, hold at most so many atoms, and one item at least', () => {
    expect(microBatches(['a', 'b', 'c', 'd', 'e'], [3, 3, 9, 1, 2], 6)).toEqual([['a', 'b'], ['c'], ['d', 'e']]);
    expect(microBatches([], [], 6)).toEqual([]);
  });
}
