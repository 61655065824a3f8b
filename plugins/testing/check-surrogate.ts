import type { Composition } from '../../schemas/crystal.js';
import { LcomsError } from '../../schemas/errors.js';
import { forCompound, type Surrogate, type SurrogateModel } from '../contract/surrogate.js';
import { checkLoading, checkTraining } from './check-training.js';
import { type Checks, demand } from './checks.js';
import { fingerprint, unchanged } from './fingerprint.js';
import type { TestContextOptions } from './test-context.js';
import { toySurrogateData } from './toy-inputs.js';

type Create = (context: TestContextOptions) => Promise<Surrogate>;

const ROWS = 7;
const COMPOSITION = 'a composition counts by its fractions, and none but what was seen';

export async function checkSurrogate(checks: Checks, create: Create): Promise<void> {
  const data = toySurrogateData();
  const train = async (context: TestContextOptions) => (await create(context)).train(data);
  const trained = await checkTraining(checks, train, data);
  if (!trained) return;
  const z = Float32Array.from({ length: ROWS * data.dimension }, (_, i) => Math.sin(i * i));
  const loaded = await checkLoading(checks, trained, async (blobs) => (await create({})).load(blobs));
  if (!loaded) return;
  const whole = loaded.model;
  const compound = data.compositions?.train[0] as Composition;
  const model = whole.forComposition
    ? await checks.run(COMPOSITION, () => checkedForCompound(whole, compound, z))
    : whole;
  if (!model) return whole.dispose();
  await checks.run('energies and gradients are finite and of the right length', async () => {
    demand(model.dimension === data.dimension, `the dimension is ${model.dimension}, not ${data.dimension}`);
    const { energies, gradients } = await unchanged(z, () => model.gradients(z));
    demand(energies.length === ROWS, `${energies.length} energies for ${ROWS} rows`);
    demand(gradients.length === z.length, `${gradients.length} gradient values for ${z.length} coordinates`);
    demand([...energies, ...gradients].every(Number.isFinite), 'an energy or gradient is not finite');
    const plain = await model.energies(z);
    demand(furthest(plain, energies) < 1e-5, 'energies() and gradients() give different energies');
  });
  await checks.run('a row does not depend on its batch', () => checkRows(model, z));
  await checks.run('gradients are those of the energies', () => checkGradients(model, z));
  await checks.run('a model loaded twice is the same', async () => {
    const other = await loaded.again();
    const same = fingerprint(await forCompound(other, compound).gradients(z)) === fingerprint(await model.gradients(z));
    other.dispose();
    demand(same, 'two loads of the same blobs predict differently');
  });
  whole.dispose();
}

/** The model for a composition that it has seen. */
async function checkedForCompound(whole: SurrogateModel, unit: Composition, z: Float32Array): Promise<SurrogateModel> {
  const model = forCompound(whole, unit);
  const twice = forCompound(whole, Object.fromEntries(Object.entries(unit).map(([element, n]) => [element, 2 * n])));
  const same = fingerprint(await twice.energies(z)) === fingerprint(await model.energies(z));
  demand(same, 'twice the atoms of a composition have other energies');
  let refused: unknown = null;
  try {
    forCompound(whole, { ...unit, Og: 1 });
  } catch (error) {
    refused = error;
  }
  const known = refused instanceof LcomsError && refused.code === 'LCOMS_E_ELEMENT_UNKNOWN';
  demand(known, `for an element that it has not seen it gives ${refused === null ? 'a model' : String(refused)}`);
  return model;
}

async function checkRows(model: SurrogateModel, z: Float32Array): Promise<void> {
  const d = model.dimension;
  const all = await model.gradients(z);
  for (let row = 0; row < ROWS; row++) {
    const one = await model.gradients(z.slice(row * d, (row + 1) * d));
    const energy = Math.abs((one.energies[0] as number) - (all.energies[row] as number));
    const gradient = furthest(one.gradients, all.gradients.subarray(row * d, (row + 1) * d));
    demand(Math.max(energy, gradient) < 1e-4, `row ${row} alone differs from row ${row} of ${ROWS}`);
  }
}

async function checkGradients(model: SurrogateModel, z: Float32Array): Promise<void> {
  const d = model.dimension;
  const h = 5e-3;
  const { gradients } = await model.gradients(z);
  const size = Math.max(...gradients.map(Math.abs), 0.1);
  const off: number[] = [];
  for (let j = 0; j < d; j++) {
    const shifted = (by: number) => model.energies(z.map((x, i) => (i % d === j ? x + by : x)));
    const [up, down] = [await shifted(h), await shifted(-h)];
    up.forEach((e, row) => {
      const slope = (e - (down[row] as number)) / (2 * h);
      off.push(Math.abs(slope - (gradients[row * d + j] as number)) / size);
    });
  }
  // A model with kinks may have one between the two points: most must agree, not all.
  const typical = off.sort((a, b) => a - b)[Math.floor(0.7 * off.length)] as number;
  demand(typical < 0.02, `gradients differ from finite differences by ${typical.toPrecision(2)} of the largest one`);
}

function furthest(a: Float32Array, b: Float32Array): number {
  return a.reduce((most, x, i) => Math.max(most, Math.abs(x - (b[i] as number))), 0);
}
