import { determinant } from '../../lib/crystal/lattice.js';
import { Rng } from '../../lib/random/rng.js';
import { type Crystal, crystalSchema } from '../../schemas/crystal.js';
import type { Encoder, EncoderModel } from '../contract/encoder.js';
import { checkLoading, checkTraining } from './check-training.js';
import { type Checks, demand } from './checks.js';
import { fingerprint, unchanged } from './fingerprint.js';
import { reversed, rotated, translated } from './moved-crystals.js';
import type { TestContextOptions } from './test-context.js';
import { toyCrystals, toyEncoderData } from './toy-inputs.js';

type Create = (context: TestContextOptions) => Promise<Encoder>;

/** Latents of the same crystal may differ by this part of the spread of latents. */
const SAME_LATENT = 1e-2;

export async function checkEncoder(checks: Checks, create: Create, crystals: Crystal[] = toyCrystals()): Promise<void> {
  const data = toyEncoderData(crystals);
  const train = async (context: TestContextOptions) => (await create(context)).train(data);
  const trained = await checkTraining(checks, train, data);
  if (!trained) return;
  const loaded = await checkLoading(checks, trained, async (blobs) => (await create({})).load(blobs));
  if (!loaded) return;
  const { model } = loaded;
  const d = model.dimension;
  const latents = await checks.run('latents are finite and of the right length', async () => {
    const found = await unchanged(crystals, () => model.encode(crystals));
    demand(found.length === crystals.length * d, `${found.length} numbers for ${crystals.length} latents of ${d}`);
    demand(found.every(Number.isFinite), 'a latent is not finite');
    return found;
  });
  if (latents) {
    await checks.run('encoding does not see translation, permutation and rotation', async () => {
      const spread = Math.max(...latents) - Math.min(...latents) + 1e-6;
      for (const [what, move] of Object.entries({ translated, reversed, rotated })) {
        const moved = await model.encode(crystals.map((c) => move(c)));
        const off = moved.reduce((most, x, i) => Math.max(most, Math.abs(x - (latents[i] as number))), 0) / spread;
        demand(off < SAME_LATENT, `${what} crystals are encoded ${off.toPrecision(2)} of the spread apart`);
      }
    });
  }
  await checks.run('decoding gives valid cells of the species asked for', () => checkDecode(model));
  const sameTwice = async (decode: (fresh: EncoderModel) => Promise<Crystal[]>) => {
    const decoded = [];
    for (const fresh of [await loaded.again(), await loaded.again()]) {
      decoded.push(fingerprint(await decode(fresh)));
      fresh.dispose();
    }
    demand(decoded[0] === decoded[1], 'two loaded models decode differently with one seed');
  };
  await checks.run('decoding has the same bytes for the same seed', () =>
    sameTwice((fresh) => fresh.decode(someLatents(d), SPECIES)),
  );
  if (model.decodeFrom) {
    const from = (fresh: EncoderModel) => (fresh.decodeFrom as NonNullable<typeof fresh.decodeFrom>).bind(fresh);
    await checks.run('decoding from crystals gives valid cells of their species', async () => {
      const latents = await model.encode(crystals);
      const decoded = await unchanged([latents, crystals], () => from(model)(latents, crystals, 0.2));
      checkCells(
        decoded,
        crystals.map(({ species }) => species),
      );
    });
    await checks.run('decoding from crystals has the same bytes for the same seed', () =>
      sameTwice(async (fresh) => await from(fresh)(await fresh.encode(crystals), crystals, 0.2)),
    );
  }
  model.dispose();
}

const SPECIES = [
  ['Mg', 'O'],
  ['Na', 'Cl', 'Na', 'Cl'],
  ['Si', 'Si'],
];

function someLatents(d: number): Float32Array {
  return Rng.from('latents-to-decode').fillNormal(new Float32Array(SPECIES.length * d)) as Float32Array;
}

async function checkDecode(model: EncoderModel): Promise<void> {
  const latents = someLatents(model.dimension);
  const decoded = await unchanged([latents, SPECIES], () => model.decode(latents, SPECIES));
  checkCells(decoded, SPECIES);
}

function checkCells(decoded: readonly Crystal[], species: readonly string[][]): void {
  demand(decoded.length === species.length, `${decoded.length} crystals for ${species.length} latents`);
  decoded.forEach((crystal, i) => {
    const wanted = species[i] as string[];
    const { error } = crystalSchema.safeParse(crystal);
    demand(!error, `crystal ${i} is not valid: ${error?.message}`);
    const found = [...crystal.species].sort().join(' ');
    demand(found === [...wanted].sort().join(' '), `crystal ${i} has ${found}, asked for was ${wanted.join(' ')}`);
    demand(Math.abs(determinant(crystal.lattice)) > 1, `the cell of crystal ${i} has no volume`);
  });
}
