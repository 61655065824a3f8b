import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { dataOptions } from '../../../activities/dag/step-options.js';
import { templatesOf } from '../../../activities/predict/sources/template-data.js';
import type { StepResult } from '../../../activities/steps/context.js';
import type { PreparedCrystal } from '../../../activities/steps/dataset-artifact.js';
import { encodeData } from '../../../activities/steps/encode-data.js';
import { formulaOf } from '../../../activities/steps/filter-crystals.js';
import { prepareData } from '../../../activities/steps/prepare-data.js';
import { trainSurrogate } from '../../../activities/steps/train-surrogate.js';
import { compositionOf } from '../../../lib/crystal/composition.js';
import { readCrystals } from '../../../lib/crystal/io/read.js';
import { sha256 } from '../../../lib/hashing/sha256.js';
import { Rng } from '../../../lib/random/rng.js';
import { perturbed } from '../../../lib/relax/perturb.js';
import { standardiseLatents } from '../../../lib/search/latent-space.js';
import { initBackend } from '../../../lib/tensor/backend.js';
import { readSafetensors } from '../../../lib/tensor/safetensors.js';
import {
  forCompound,
  type StructureTrainingData,
  type Surrogate,
  type SurrogateTrainingData,
} from '../../../plugins/contract/surrogate.js';
import { energyKindOf } from '../../../plugins/datasets/energy-kind.js';
import { jsonlDataset } from '../../../plugins/datasets/jsonl/index.js';
import { graphNetwork } from '../../../plugins/surrogates/graph-network/index.js';
import { supervised } from '../../../plugins/surrogates/supervised/index.js';
import { testContext } from '../../../plugins/testing/test-context.js';
import type { Crystal } from '../../../schemas/crystal.js';
import { TINY_DATA } from '../../cli/lcoms.js';
import { toyEncoder } from '../predict/toy-model.js';
import { blobOf, rowsOf, runStep } from './step-run.js';

const folder = mkdtempSync(path.join(os.tmpdir(), 'lcoms-off-'));
afterAll(() => rmSync(folder, { recursive: true }));

type Row = Crystal & { energyPerAtom: number };
const TINY = readFileSync(TINY_DATA, 'utf8');
const MINIMA = TINY.trim()
  .split('\n')
  .map((line) => JSON.parse(line) as Row);

/** A strained crystal of a row, `above` it (eV/atom). */
const off = (row: Row, above: number, i: number): object => ({
  ...perturbed(row, 'strain', Rng.from(i)),
  id: `${row.id}/strain/${i}`,
  energyPerAtom: row.energyPerAtom + above,
  offMinimum: true,
  from: row.id,
  perturbation: 'strain',
});
const OFF = MINIMA.map((row, i) => off(row, 0.01 * (i + 1), i));

const offCountsOf = (made: StepResult): Record<string, number> =>
  (JSON.parse(Buffer.from(blobOf(made, 'off-info.json')).toString()) as { counts: Record<string, number> }).counts;
const digests = ({ blobs }: StepResult): Record<string, string> =>
  Object.fromEntries(blobs.map(({ name, bytes }) => [name, sha256(bytes)]));
const formulas = (rows: readonly Crystal[]): Set<string> => new Set(rows.map(formulaOf));

async function prepared(rows: readonly object[], options: object = {}): Promise<StepResult> {
  const file = path.join(folder, 'data.jsonl');
  writeFileSync(file, TINY + rows.map((row) => `${JSON.stringify(row)}\n`).join(''));
  const given = jsonlDataset.options.parse({ file, provenance: 'tiny.jsonl' });
  return await runStep(prepareData, {
    options: { ...dataOptions.parse({}), holdOut: [], ...options },
    plugin: () => jsonlDataset.create(given, testContext({ files: { file } })),
  });
}

/** sha256 of each blob. */
const RECORDED = {
  'info.json': '36cad8efdded0540b4384e2bb91a7747c2ba5f33bfb2bf77b11712537cfc73ff',
  'train.jsonl': '7279ece2c97e504c83215c1a12cc77892cffce5e37222b28b5e25dda023d660e',
  'validation.jsonl': 'bb54b8f45c044f64eacff211b03b2fbe0c7df1ffdfc63948eb7ed94cb9dfd933',
  'held-out.jsonl': 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
};

describe('prepare-data', () => {
  it('makes of data without such rows the bytes that it made before there were any', async () => {
    // Recorded by the version that did not know them, from the same rows, options and stream.
    expect(digests(await prepared([]))).toEqual(RECORDED);
  });

  it('keeps them apart: minima, split, held-out crystals and standardisation stay as they are', async () => {
    // The lowest of its formula: of a minimum it would move every target.
    const low = off(MINIMA[0] as Row, -0.2, 500);
    const [without, made] = [await prepared([]), await prepared([...OFF, low])];
    const {
      'off-info.json': counts,
      'off-train.jsonl': train,
      'off-validation.jsonl': validation,
      ...rest
    } = digests(made);
    expect(rest).toEqual(digests(without));
    expect(train && validation && counts).toBeTruthy();
    expect(offCountsOf(made)).toMatchObject({
      rows: 81,
      train: made.metrics['offTrain'],
      validation: made.metrics['offValidation'],
    });
  });

  it('puts each where the minima of its formula are, with the target that a minimum of its energy would have', async () => {
    const made = await prepared(OFF);
    const lowest = new Map<string, number>();
    for (const row of MINIMA)
      lowest.set(formulaOf(row), Math.min(row.energyPerAtom, lowest.get(formulaOf(row)) ?? Number.POSITIVE_INFINITY));
    const sides = {
      train: formulas(rowsOf(made, 'train.jsonl')),
      validation: formulas(rowsOf(made, 'validation.jsonl')),
    };
    let clipped = 0;
    for (const side of ['train', 'validation'] as const) {
      const rows = rowsOf<PreparedCrystal>(made, `off-${side}.jsonl`);
      expect(rows.length).toBeGreaterThan(0);
      for (const row of rows) {
        expect(sides[side]).toContain(formulaOf(row));
        const above = (row.energyPerAtom as number) - (lowest.get(formulaOf(row)) as number);
        expect(row.target).toBeCloseTo(Math.min(0.6, above), 9);
        if (above > 0.6) clipped++;
      }
    }
    expect(clipped).toBeGreaterThan(0);
  });

  it('never lets one of a held-out compound through', async () => {
    const held = formulaOf(MINIMA[0] as Row);
    const made = await prepared(OFF, { holdOut: [held] });
    for (const name of ['train.jsonl', 'validation.jsonl', 'off-train.jsonl', 'off-validation.jsonl'])
      expect(formulas(rowsOf(made, name))).not.toContain(held);
    // Known structures come from here: minima alone.
    const heldOut = rowsOf<Crystal>(made, 'held-out.jsonl').map(({ id }) => id);
    expect(heldOut).toEqual(MINIMA.filter((row) => formulaOf(row) === held).map(({ id }) => id));
    expect(offCountsOf(made)).toMatchObject({ heldOut: heldOut.length });
  });

  it('leaves out what overlaps, has no minimum of its formula, or lies in a hole', async () => {
    const [first] = MINIMA as [Row];
    const tight = { ...off(first, 0.1, 1), lattice: first.lattice.map((v) => v.map((x) => x / 3)) };
    const orphan = { ...off(first, 0.1, 2), species: ['Na', 'Na'] };
    const hole = off(first, -5, 3);
    const made = await prepared([tight, orphan, hole, off(first, 0.1, 4)]);
    const offMinima = offCountsOf(made);
    expect(offMinima).toMatchObject({ rows: 4, noMinimum: 1, holes: 1 });
    expect((offMinima['train'] as number) + (offMinima['validation'] as number)).toBe(1);
  });
});

it('are no templates, and do not decide which energies the data have', async () => {
  const low = { ...off(MINIMA[0] as Row, -0.2, 500), formationEnergyPerAtom: undefined };
  const file = path.join(folder, 'templates.jsonl');
  const write = (rows: readonly object[]) =>
    writeFileSync(file, rows.map((row) => `${JSON.stringify(row)}\n`).join(''));
  write(MINIMA);
  const templates = await templatesOf(file);
  write([...MINIMA, low]);
  expect(await templatesOf(file)).toEqual(templates);
  write([...MINIMA.map((row) => ({ ...row, formationEnergyPerAtom: -1 })), low]);
  expect(energyKindOf(await readCrystals(file))).toBe('formation');
});

describe('encode-data and train-surrogate', () => {
  let data: StepResult;
  let latents: StepResult;
  const encode = (of: StepResult) =>
    runStep(encodeData, {
      inputs: { data: of, encoder: { blobs: [], metrics: {} } },
      plugin: () => ({ load: async () => toyEncoder('x') }),
    });
  const matrices = (made: StepResult) => readSafetensors(blobOf(made, 'latents.safetensors')).tensors;
  /** Trains by the step, and says what the surrogate was given. */
  async function trainWatched(surrogate: Surrogate) {
    let seen: SurrogateTrainingData | undefined;
    const made = await runStep(trainSurrogate, {
      inputs: { data, latents },
      plugin: () => ({
        ...surrogate,
        train: (given: SurrogateTrainingData) => {
          seen = given;
          return surrogate.train(given);
        },
      }),
    });
    return { made, seen };
  }
  beforeAll(async () => {
    await initBackend();
    data = await prepared(OFF);
    latents = await encode(data);
  });

  it('the latents that searches are measured against are those of the minima', async () => {
    const without = matrices(await encode(await prepared([])));
    const made = matrices(latents);
    expect(Object.keys(without).sort()).toEqual(['train', 'validation']);
    expect(made['train']).toEqual(without['train']);
    expect(made['validation']).toEqual(without['validation']);
    for (const side of ['train', 'validation'])
      expect(made[`off-${side}`]?.shape).toEqual([rowsOf(data, `off-${side}.jsonl`).length, 2]);
  });

  it('a surrogate over latents learns from both, validates by the minima, and says its error off them', async () => {
    const real = await supervised.create(supervised.options.parse({ epochs: 2, width: 16 }), testContext());
    const { made, seen } = await trainWatched(real);
    const { train, validation, 'off-train': offTrain } = matrices(latents);
    expect([...(seen?.train ?? [])]).toEqual([...(train?.data ?? []), ...(offTrain?.data ?? [])]);
    expect(seen?.validation).toEqual(validation?.data);
    const targets = (name: string) => rowsOf<PreparedCrystal>(data, name).map(({ target }) => target);
    expect([...(seen?.targets.train ?? [])]).toEqual([...targets('train.jsonl'), ...targets('off-train.jsonl')]);
    expect([...(seen?.targets.validation ?? [])]).toEqual(targets('validation.jsonl'));

    const model = await real.load(new Map(made.blobs.map(({ name, bytes }) => [name, bytes])));
    const { latentMean, latentStd, energyMean, energyStd } = model.scale;
    const z = Float32Array.from(
      matrices(latents)['off-validation']?.data ?? [],
      (x, at) => (x - (latentMean[at % 2] as number)) / (latentStd[at % 2] as number),
    );
    const energies = await model.energies(z);
    const squares = targets('off-validation.jsonl').map(
      (t, i) => ((energies[i] as number) * energyStd + energyMean - t) ** 2,
    );
    expect(made.metrics['offValidationRmse']).toBeCloseTo(
      Math.sqrt(squares.reduce((a, b) => a + b) / squares.length),
      6,
    );
  });

  it('a surrogate that takes the composition is given that of every row, and asked for each crystal by its own', async () => {
    const real = await supervised.create(
      supervised.options.parse({ epochs: 2, width: 16, composition: true }),
      testContext(),
    );
    const { made, seen } = await trainWatched(real);
    const rows = (name: string) => rowsOf<PreparedCrystal>(data, name);
    const units = (name: string) => rows(name).map(({ species }) => compositionOf(species));
    expect(seen?.compositions?.train).toEqual([...units('train.jsonl'), ...units('off-train.jsonl')]);
    expect(seen?.compositions?.validation).toEqual(units('validation.jsonl'));

    const model = await real.load(new Map(made.blobs.map(({ name, bytes }) => [name, bytes])));
    const known = new Set(seen?.compositions?.train.flatMap((unit) => Object.keys(unit)));
    const z = standardiseLatents(matrices(latents)['off-validation']?.data as Float32Array, model.scale);
    const squares: number[] = [];
    for (const [i, { species, target }] of rows('off-validation.jsonl').entries()) {
      if (!species.every((s) => known.has(s))) continue;
      const [e] = await forCompound(model, compositionOf(species)).energies(z.slice(2 * i, 2 * i + 2));
      squares.push(((e as number) * model.scale.energyStd + model.scale.energyMean - target) ** 2);
    }
    expect(squares.length).toBeGreaterThan(0);
    expect(made.metrics['offValidationRmse']).toBeCloseTo(
      Math.sqrt(squares.reduce((a, b) => a + b) / squares.length),
      6,
    );
  });

  it('so does the graph network', async () => {
    const options = graphNetwork.options.parse({ width: 8, blocks: 1, radialFunctions: 8, epochs: 2 });
    const train = async (of: StepResult) =>
      await runStep(trainSurrogate, {
        inputs: { data: of },
        plugin: () => graphNetwork.create(options, testContext()),
      });
    const [without, made] = [await train(await prepared([])), await train(data)];
    expect(made.metrics['offValidationRmse']).toBeGreaterThan(0);
    expect(without.metrics).not.toHaveProperty('offValidationRmse');
    expect(digests(made)).not.toEqual(digests(without));
  });

  it('so does any over crystals; the error leaves out elements that it has not seen', async () => {
    let seen: StructureTrainingData | undefined;
    const unseen = rowsOf<PreparedCrystal>(data, 'off-validation.jsonl')[0]?.species[0] as string;
    const surrogate = (elements: (s: string) => boolean) => ({
      input: 'structure',
      train: async (given: StructureTrainingData) => {
        seen = given;
        return { blobs: [], metrics: {} };
      },
      load: async () => ({
        elements: new Set(MINIMA.flatMap(({ species }) => species).filter(elements)),
        energies: async (crystals: Crystal[]) => new Float64Array(crystals.length).fill(0.5),
        dispose: () => undefined,
      }),
    });
    const error = async (elements: (s: string) => boolean) =>
      (await runStep(trainSurrogate, { inputs: { data }, plugin: () => surrogate(elements) })).metrics[
        'offValidationRmse'
      ];
    const rms = (rows: readonly PreparedCrystal[]) =>
      Math.sqrt(rows.reduce((sum, { target }) => sum + (0.5 - target) ** 2, 0) / rows.length);
    const all = rowsOf<PreparedCrystal>(data, 'off-validation.jsonl');
    expect(await error(() => true)).toBeCloseTo(rms(all), 9);
    expect(await error((s) => s !== unseen)).toBeCloseTo(
      rms(all.filter(({ species }) => !species.includes(unseen))),
      9,
    );
    expect(await error(() => false)).toBeUndefined();
    const ids = (name: string) => rowsOf<Crystal>(data, name).map(({ id }) => id);
    expect(seen?.train.map(({ id }) => id)).toEqual([...ids('train.jsonl'), ...ids('off-train.jsonl')]);
    expect(seen?.validation.map(({ id }) => id)).toEqual(ids('validation.jsonl'));
  });
});
