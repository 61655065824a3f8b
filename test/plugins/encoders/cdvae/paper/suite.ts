import { expect, test } from 'vitest';
import { canonicalCell } from '../../../../../lib/crystal/canonical-cell.js';
import { volume } from '../../../../../lib/crystal/lattice.js';
import { matchStructures } from '../../../../../lib/crystal/matcher.js';
import { Rng } from '../../../../../lib/random/rng.js';
import { tf } from '../../../../../lib/tensor/tf.js';
import { cdvae } from '../../../../../plugins/encoders/cdvae/index.js';
import { fitPaperScale } from '../../../../../plugins/encoders/cdvae/paper/lattice-parameters.js';
import { paperLossTerms } from '../../../../../plugins/encoders/cdvae/paper/loss.js';
import { preparePaperCrystal } from '../../../../../plugins/encoders/cdvae/paper/prepared-crystal.js';
import { trainPaper } from '../../../../../plugins/encoders/cdvae/paper/train.js';
import { paperLossInputs } from '../../../../../plugins/encoders/cdvae/paper/training-batches.js';
import type { Crystal } from '../../../../../schemas/crystal.js';
import { caesiumChloride, copper, randomCrystal, rocksalt, rutile } from '../crystals.js';
import { expectGradientsOf } from '../finite-differences.js';
import { testContext, trainingData } from '../harness.js';
import { tinyPaper, untrainedPaper } from './harness.js';

/** What must hold on every tensor backend. */
export function paperSuite(): void {
  test('the gradient of the whole loss agrees with finite differences in every parameter', () => {
    const rng = Rng.from('gradients');
    const options = tinyPaper({ klWeight: 0.1, energyWeight: 1 });
    // Of different sizes: one batch holds both.
    const crystals = [randomCrystal(rng, ['Na', 'Cl', 'O']), randomCrystal(rng, ['Si', 'C'])];
    const rows = crystals.map((c, i) => ({
      id: `${i}`,
      crystal: preparePaperCrystal(c, options),
      energy: i - 0.4,
    }));
    const { parameters, networks } = untrainedPaper(options);
    const inputs = paperLossInputs(rows, options, fitPaperScale(rows.map((r) => r.crystal)), rng);
    const loss = () => paperLossTerms(networks, inputs, options).total;
    expectGradientsOf(loss, parameters, rng, 4e-3);
    parameters.dispose();
  });

  test('resumed from any checkpoint it ends in the same bytes, also with a plateau and best weights behind it', async () => {
    const rng = Rng.from('resume');
    const data = trainingData(
      [rocksalt('Na', 'Cl', 5.64), copper, rutile, randomCrystal(rng, ['Si', 'O', 'O'])],
      [rocksalt('K', 'Cl', 6.29)],
    );
    const options = tinyPaper({
      checkpointSeconds: 0,
      epochs: 4,
      batchSize: 2,
      plateauPatience: 0,
      learningRate: 0.1,
    });
    const whole = testContext('resume');
    const expected = await trainPaper(data, options, whole);
    const rates = whole.reports.map((r) => r['learningRate']);
    expect(new Set(rates).size).toBeGreaterThan(1);
    expect(whole.saved.length).toBe(7);
    for (const at of [0, 4, 6]) {
      const checkpoint = whole.saved[at] as (typeof whole.saved)[number];
      const resumed = testContext('resume', checkpoint);
      const result = await trainPaper(data, options, resumed);
      const bytes = Buffer.from(result.blobs[0]?.bytes as Uint8Array);
      expect(bytes.equals(expected.blobs[0]?.bytes as Uint8Array)).toBe(true);
      expect(result.metrics).toEqual(expected.metrics);
      expect(resumed.reports).toEqual(whole.reports.filter((r) => r.step > checkpoint.step));
    }
  });

  test('training lowers the loss, and the fast sampler decodes what was learnt by heart', async () => {
    const learnt = [caesiumChloride('Cs', 'Cl', 4.12), rocksalt('Mg', 'O', 4.21)];
    const given = tinyPaper({
      epochs: 260,
      batchSize: 16,
      learningRate: 1e-2,
      plateauPatience: 20,
      klWeight: 1e-4,
      noiseMax: 1,
      sampler: 'fast',
      fastLevels: 20,
      fastSteps: 3,
    });
    const before = tf.memory().numTensors;
    const context = testContext('fit');
    const encoder = await cdvae.create(cdvae.options.parse(given), context);
    // Copies make one batch see several noise levels.
    const trained = await encoder.train(trainingData(learnt.flatMap((c) => Array<Crystal>(8).fill(c))));
    const mean = (term: string, reports: typeof context.reports) =>
      reports.reduce((sum, r) => sum + (r[`train.${term}`] as number), 0) / reports.length;
    for (const term of ['total', 'lattice', 'coordinates'])
      expect(mean(term, context.reports.slice(-8)), term).toBeLessThan(0.7 * mean(term, context.reports.slice(0, 8)));
    expect(trained.metrics['best.loss']).toBe(Math.min(...context.reports.map((r) => r['train.total'] as number)));

    const load = async () => encoder.load(new Map(trained.blobs.map(({ name, bytes }) => [name, bytes])));
    const model = await load();
    const cells = learnt.map((c) => canonicalCell(c, given.symprec));
    const species = cells.map((c) => c.species);
    const latents = await model.encode(learnt);
    const decoded = await model.decode(latents, species);
    for (const [i, crystal] of decoded.entries()) {
      const { match, rms } = matchStructures(crystal, cells[i] as Crystal);
      expect(match, `crystal ${i}`).toBe(true);
      expect(rms, `crystal ${i}`).toBeLessThan(0.1);
      expect(Math.abs(volume(crystal.lattice) / volume((cells[i] as Crystal).lattice) - 1)).toBeLessThan(0.1);
    }
    expect(await model.decode(latents, species)).not.toEqual(decoded);
    const again = await load();
    expect(await again.decode(latents, species)).toEqual(decoded);
    expect(context.warnings).toEqual([]);
    await model.decode(latents.slice(0, 6), [['Cs', 'F', 'Cl']]);
    await model.decode(latents.slice(0, 6), [['Cs', 'F', 'Cl']]);
    expect(context.warnings).toHaveLength(2);
    expect(context.warnings.join()).toMatch(/not seen in training: F;.*3 atoms/);
    model.dispose();
    again.dispose();
    expect(tf.memory().numTensors).toBe(before);
  }, 300_000);
}
