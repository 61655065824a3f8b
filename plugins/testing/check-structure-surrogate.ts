import type { Crystal } from '../../schemas/crystal.js';
import { ELEMENTS } from '../../schemas/elements.js';
import { LcomsError } from '../../schemas/errors.js';
import type { StructureModel, StructureSurrogate } from '../contract/surrogate.js';
import { checkForces, checkStress, shaken } from './check-scorer.js';
import { checkLoading, checkTraining } from './check-training.js';
import { type Checks, demand, skip } from './checks.js';
import { fingerprint, unchanged } from './fingerprint.js';
import { doubled, reversed, rotated, translated } from './moved-crystals.js';
import type { TestContextOptions } from './test-context.js';
import { toyCrystals, toyEncoderData } from './toy-inputs.js';

type Create = (context: TestContextOptions) => Promise<StructureSurrogate>;

/** Energies of the same crystal may differ by this part of the spread of energies. */
const SAME_ENERGY = 1e-3;

/** Checks of a surrogate over crystals. */
export async function checkStructureSurrogate(
  checks: Checks,
  create: Create,
  crystals: Crystal[] = toyCrystals(),
): Promise<void> {
  const data = toyEncoderData(crystals);
  const train = async (context: TestContextOptions) => (await create(context)).train(data);
  const trained = await checkTraining(checks, train, data);
  if (!trained) return;
  const loaded = await checkLoading(checks, trained, async (blobs) => (await create({})).load(blobs));
  if (!loaded) return;
  const { model } = loaded;
  // Those held back for validation may have elements of their own.
  const known = crystals.filter(({ species }) => species.every((e) => model.elements.has(e)));
  const energies = await checks.run('energies are finite and of the right length', async () => {
    demand(known.length > 0, 'it knows the elements of none of the crystals');
    const found = await unchanged(known, () => model.energies(known));
    demand(found.length === known.length, `${found.length} energies for ${known.length} crystals`);
    demand(found.every(Number.isFinite), 'an energy is not finite');
    return found;
  });
  if (energies) {
    const spread = Math.max(...energies) - Math.min(...energies) + 1e-3;
    await checks.run('energies do not change by translation, permutation, rotation and in a supercell', async () => {
      for (const [what, move] of Object.entries({ translated, reversed, rotated, doubled })) {
        const off = furthest(await model.energies(known.map((c) => move(c))), energies) / spread;
        demand(off < SAME_ENERGY, `${what} crystals: ${off.toPrecision(2)} of the spread apart`);
      }
    });
    await checks.run('a crystal does not depend on its batch', async () => {
      for (const [at, crystal] of known.entries()) {
        const off = Math.abs(((await model.energies([crystal]))[0] as number) - (energies[at] as number)) / spread;
        demand(off < SAME_ENERGY, `crystal ${at} alone differs from crystal ${at} of ${known.length}`);
      }
    });
    await checks.run('a model loaded twice is the same', async () => {
      const other = await loaded.again();
      const same = fingerprint(await other.energies(known)) === fingerprint(energies);
      other.dispose();
      demand(same, 'two loads of the same blobs predict differently');
    });
  }
  if (!energies) return model.dispose();
  await checks.run('an element that it has not seen is refused', () => checkUnseen(model, known[0] as Crystal));
  await checkGradients(checks, model, known);
  model.dispose();
}

async function checkGradients(checks: Checks, model: StructureModel, crystals: Crystal[]): Promise<void> {
  const { evaluate } = model;
  const evaluated = { evaluate: evaluate?.bind(model) ?? (() => skip('it has no gradients')) };
  const crystal = shaken(crystals[0] as Crystal);
  await checks.run('forces are -dE/dx', () => checkForces(evaluated, crystal));
  await checks.run('stress is dE/dstrain over the volume', () => checkStress(evaluated, crystal));
  await checks.run('evaluations have the energies of energies()', async () => {
    const plain = await model.energies(crystals);
    const found = await evaluated.evaluate(crystals);
    found.forEach((result, i) => {
      if (result instanceof LcomsError) throw new Error(result.message);
      const off = Math.abs(result.energy / (crystals[i] as Crystal).species.length - (plain[i] as number));
      demand(off < 1e-4, `crystal ${i}: ${off.toPrecision(2)} eV/atom apart`);
    });
  });
}

async function checkUnseen(model: StructureModel, crystal: Crystal): Promise<void> {
  const unseen = ELEMENTS.slice(1).find((e) => !model.elements.has(e));
  if (unseen === undefined) skip('it has seen every element');
  const stranger = { ...crystal, species: crystal.species.map(() => unseen) };
  const error = await model.energies([stranger]).then(
    () => null,
    (thrown: unknown) => thrown,
  );
  demand(error !== null, `${unseen} is not among its elements, yet it gives its energy`);
  demand(
    error instanceof LcomsError && error.code === 'LCOMS_E_ELEMENT_UNKNOWN',
    `the error for ${unseen} is ${String(error)}`,
  );
}

function furthest(a: Float64Array, b: Float64Array): number {
  return a.reduce((most, x, i) => Math.max(most, Math.abs(x - (b[i] as number))), 0);
}
