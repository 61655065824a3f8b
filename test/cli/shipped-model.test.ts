import { afterAll, beforeAll, expect, test } from 'vitest';
import { type OpenModel, openModel } from '../../cli/open-model.js';
import { matchStructures } from '../../lib/crystal/matcher.js';
import { initBackend } from '../../lib/tensor/backend.js';
import { binary26Polymorphs } from '../../plugins/datasets/simulated/binary26.js';

let model: OpenModel;

beforeAll(async () => {
  await initBackend();
  model = await openModel(undefined, { seed: 0 });
});
afterAll(() => model.dispose());

test('the model that ships has every part, whole, in 25 MB', () => {
  expect(model.info).toMatchObject({ name: 'medium', energyTarget: 'above-composition' });
  expect(model.info.files.map(({ role }) => role)).toEqual(
    expect.arrayContaining(['encoder', 'surrogate', 'reference']) as unknown,
  );
  expect(model.info.files.reduce((sum, { bytes }) => sum + bytes, 0)).toBeLessThan(25e6);
  expect(model.reference.length).toBe(4000 * model.encoder.dimension);
});

test('it gives compounds back that it has never seen, and its surrogate has finite energies for them', async () => {
  const known = binary26Polymorphs().filter(({ prototype }) => ['B1', 'B2'].includes(prototype));
  expect(known.length).toBeGreaterThan(30);
  const crystals = known.map(({ lattice, species, frac }) => ({ lattice, species, frac }));
  const latents = await model.encoder.encode(crystals);
  const decoded = await model.encoder.decode(
    latents,
    crystals.map(({ species }) => species),
  );
  const matching = decoded.filter(
    (crystal, i) => matchStructures(crystal, crystals[i] as (typeof crystals)[number]).match,
  );
  expect(matching.length / known.length).toBeGreaterThan(0.9);
  const energies = await model.surrogate?.energies(latents);
  expect(energies?.length).toBe(known.length);
  expect(energies?.every(Number.isFinite)).toBe(true);
}, 120_000);
