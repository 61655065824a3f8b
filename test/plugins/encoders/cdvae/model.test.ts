import { beforeAll, describe, expect, test } from 'vitest';
import { canonicalCell } from '../../../../lib/crystal/canonical-cell.js';
import { volume } from '../../../../lib/crystal/lattice.js';
import { matchStructures } from '../../../../lib/crystal/matcher.js';
import { Rng } from '../../../../lib/random/rng.js';
import { initBackend } from '../../../../lib/tensor/backend.js';
import { tf } from '../../../../lib/tensor/tf.js';
import type { EncoderModel } from '../../../../plugins/contract/encoder.js';
import { cdvae } from '../../../../plugins/encoders/cdvae/index.js';
import type { Crystal } from '../../../../schemas/crystal.js';
import { copper, randomCrystal, rocksalt, rutile, zincblende } from './crystals.js';
import { byHeart, modelOf, testContext, tinyOptions, trainingData, untrained } from './harness.js';

const learnt = [rocksalt('Na', 'Cl', 5.64), zincblende('Zn', 'S', 5.41), rutile];
const options = byHeart();
let blobs: Map<string, Uint8Array>;

beforeAll(async () => {
  await initBackend();
  const encoder = await cdvae.create(options, testContext('fit'));
  // Copies make one batch see several noise levels.
  const trained = await encoder.train(trainingData(learnt.flatMap((c) => Array<Crystal>(8).fill(c))));
  blobs = new Map(trained.blobs.map(({ name, bytes }) => [name, bytes]));
}, 180_000);

const load = async (seed = 'use'): Promise<EncoderModel> =>
  (await cdvae.create(options, testContext(seed))).load(blobs);
const cells = learnt.map((c) => canonicalCell(c, options.symprec));
const species = cells.map((c) => c.species);

describe('a trained model', () => {
  test('decodes what it has learnt by heart', async () => {
    const model = await load();
    const decoded = await model.decode(await model.encode(learnt), species);
    model.dispose();
    for (const [i, crystal] of decoded.entries()) {
      expect(crystal.species).toEqual(species[i]);
      const { match, rms } = matchStructures(crystal, cells[i] as Crystal);
      expect(match, `crystal ${i}`).toBe(true);
      expect(rms, `crystal ${i}`).toBeLessThan(0.1);
      expect(Math.abs(volume(crystal.lattice) / volume((cells[i] as Crystal).lattice) - 1)).toBeLessThan(0.1);
    }
  });

  test('decodes to the same bytes from the same seed, to others from another seed and when asked again', async () => {
    const first = await load();
    const latents = await first.encode(learnt);
    const decoded = await first.decode(latents, species);
    const again = await load();
    expect(await again.decode(latents, species)).toEqual(decoded);
    const other = await load('another seed');
    expect(await other.decode(latents, species)).not.toEqual(decoded);
    const later = await again.decode(latents, species);
    expect(later).not.toEqual(decoded);
    for (const model of [first, again, other]) model.dispose();
  });

  test('several rows of one latent are several tries', async () => {
    const model = await load();
    const latents = await model.encode([rutile]);
    const twice = new Float32Array([...latents, ...latents]);
    const [a, b] = await model.decode(twice, [rutile.species, rutile.species]);
    expect(a?.lattice).toEqual(b?.lattice);
    expect(a?.frac).not.toEqual(b?.frac);
    model.dispose();
  });

  test('decodes from the coordinates of a crystal: with little noise it leaves them nearly where they are', async () => {
    const model = await load();
    const latents = await model.encode(learnt);
    const moved = (crystal: Crystal, shift: number): Crystal => ({
      ...crystal,
      frac: crystal.frac.map(([x, y, z]) => [x + shift, y, z]),
    });
    // The decoder sees no translation: the crystal is given back as it lies in the cell.
    const starts = cells.map((cell) => canonicalCell(moved(cell, 0.3), options.symprec));
    for (const noise of [0, 0.3]) {
      const before = model.networkCalls as number;
      const decoded = (await model.decodeFrom?.(latents, starts, noise)) as Crystal[];
      const calls = ((model.networkCalls as number) - before) / learnt.length;
      expect(calls).toBeGreaterThan(0);
      expect(calls).toBeLessThan(noise === 0 ? 10 : 50);
      for (const [i, crystal] of decoded.entries()) {
        expect(crystal.species).toEqual((starts[i] as Crystal).species);
        const { match, rms } = matchStructures(crystal, starts[i] as Crystal);
        expect(match).toBe(true);
        expect(rms).toBeLessThan(0.1);
        const shift = (crystal.frac[0]?.[0] ?? 0) - (starts[i]?.frac[0]?.[0] ?? 0);
        if (noise === 0) expect(Math.abs(shift - Math.round(shift))).toBeLessThan(0.05);
      }
    }
    const once = await (await load()).decodeFrom?.(latents, starts, 0.3);
    expect(await (await load()).decodeFrom?.(latents, starts, 0.3)).toEqual(once);
    expect(await (await load('another seed')).decodeFrom?.(latents, starts, 0.3)).not.toEqual(once);
    model.dispose();
  });

  test('refuses latents that do not fit, atoms that are no elements and files that are no models', async () => {
    const model = await load();
    await expect(model.decode(new Float32Array(3), [['Na']])).rejects.toMatchObject({ code: 'LCOMS_E_INPUT' });
    await expect(model.decode(new Float32Array(8), [[]])).rejects.toMatchObject({ code: 'LCOMS_E_INPUT' });
    await expect(model.decode(new Float32Array(8), [['Xx']])).rejects.toMatchObject({
      code: 'LCOMS_E_ELEMENT_UNKNOWN',
    });
    model.dispose();
    const encoder = await cdvae.create(options, testContext('bad'));
    await expect(encoder.load(new Map([['cdvae.safetensors', new Uint8Array(40)]]))).rejects.toMatchObject({
      code: 'LCOMS_E_ARTIFACT_CORRUPT',
    });
  });

  test('ends soon when aborted and frees its tensors', async () => {
    const before = tf.memory().numTensors;
    const context = testContext('abort');
    const model = await (await cdvae.create(options, context)).load(blobs);
    const latents = await model.encode(learnt);
    const decoding = model.decode(latents, species);
    setImmediate(() => context.controller.abort(new Error('stop')));
    await expect(decoding).rejects.toThrow('stop');
    model.dispose();
    expect(tf.memory().numTensors).toBe(before);
  });
});

describe('an untrained model', () => {
  test('takes single atoms and 20 of them, mixed, and does not change what it is given', async () => {
    const rng = Rng.from('sizes');
    const large = randomCrystal(
      rng,
      Array.from({ length: 20 }, (_, i) => (i % 2 === 0 ? 'Ti' : 'O')),
    );
    const given = [large, copper, rutile, copper];
    const copy = structuredClone(given);
    const small = tinyOptions({ fastLevels: 2, fastSteps: 1 });
    const { parameters, networks, scale } = untrained(small, given);
    const model = modelOf({ parameters, networks, scale }, small, rng);
    const latents = await model.encode(given);
    expect(latents.every(Number.isFinite)).toBe(true);
    const decoded = await model.decode(
      latents,
      given.map((c) => c.species),
    );
    expect(given).toEqual(copy);
    expect(decoded.map((c) => c.species)).toEqual(given.map((c) => c.species));
    for (const c of decoded) {
      expect(c.frac.flat().every((x) => x >= 0 && x < 1)).toBe(true);
      expect(volume(c.lattice)).toBeGreaterThan(0);
    }
    // Latents far away from everything are cells all the same.
    const wild = await model.decode(
      new Float32Array(4 * 8).fill(1e4),
      given.map((c) => c.species),
    );
    expect(wild.every((c) => c.lattice.flat().concat(c.frac.flat()).every(Number.isFinite))).toBe(true);
    model.dispose();
  });
});
