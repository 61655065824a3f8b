import { Rng } from '../../../../lib/random/rng.js';
import { Parameters } from '../../../../lib/tensor/parameters.js';
import type { NamedBytes, PluginContext, SavedCheckpoint } from '../../../../plugins/contract/context.js';
import type { EncoderTrainingData } from '../../../../plugins/contract/encoder.js';
import { fitLatticeScale, type LatticeScale } from '../../../../plugins/encoders/cdvae/lattice-target.js';
import { CdvaeModel } from '../../../../plugins/encoders/cdvae/model.js';
import { CdvaeNetworks } from '../../../../plugins/encoders/cdvae/networks.js';
import { type CdvaeOptions, cdvaeOptionsSchema } from '../../../../plugins/encoders/cdvae/options.js';
import { prepareCrystal } from '../../../../plugins/encoders/cdvae/prepared-crystal.js';
import type { Crystal } from '../../../../schemas/crystal.js';

/** Options of a network small enough for tests. */
export function tinyOptions(options: Partial<CdvaeOptions> = {}): CdvaeOptions {
  return cdvaeOptionsSchema.parse({
    latentDimension: 8,
    width: 12,
    messageWidth: 8,
    hiddenWidth: 16,
    radialFunctions: 6,
    batchSize: 4,
    epochs: 4,
    checkpointSeconds: 1000,
    ...options,
  });
}

/** Options with which a handful of crystals is learnt by heart. */
export const byHeart = (options: Partial<CdvaeOptions> = {}): CdvaeOptions =>
  tinyOptions({
    epochs: 350,
    batchSize: 16,
    noiseMax: 0.7,
    width: 24,
    messageWidth: 16,
    hiddenWidth: 32,
    learningRate: 5e-3,
    klWeight: 1e-4,
    noiseLevels: 10,
    fastLevels: 10,
    validateEvery: 1000,
    ...options,
  });

export interface Networks {
  parameters: Parameters;
  networks: CdvaeNetworks;
  scale: LatticeScale;
}

export function untrained(options: CdvaeOptions, crystals: readonly Crystal[], seed = 'weights'): Networks {
  const parameters = new Parameters(Rng.from(seed));
  const networks = new CdvaeNetworks(parameters, options);
  return { parameters, networks, scale: fitLatticeScale(crystals.map((c) => prepareCrystal(c, options).target)) };
}

/** A model with weights as they are, that decodes from `rng`. */
export const modelOf = (
  networks: Networks,
  options: CdvaeOptions,
  rng: Rng,
  tick: PluginContext['tick'] = () => {},
): CdvaeModel =>
  new CdvaeModel(
    { ...networks, options, seen: { elements: [], atoms: [] } },
    { rng, signal: new AbortController().signal, log: { info: () => {}, warn: () => {} }, tick },
  );

export interface TestContext extends PluginContext {
  reports: ({ step: number } & Record<string, number>)[];
  saved: { step: number; blobs: NamedBytes[]; info: Record<string, unknown> }[];
  warnings: string[];
  controller: AbortController;
}

/** A context in memory; `from` is a checkpoint to go on from. */
export function testContext(seed: string, from: TestContext['saved'][number] | null = null): TestContext {
  const controller = new AbortController();
  const reports: TestContext['reports'] = [];
  const saved: TestContext['saved'] = [];
  const warnings: string[] = [];
  const latest: SavedCheckpoint | null =
    from === null
      ? null
      : {
          step: from.step,
          // As a store gives it: through JSON.
          info: JSON.parse(JSON.stringify(from.info)) as Record<string, unknown>,
          load: (name) => Promise.resolve(from.blobs.find((b) => b.name === name)?.bytes as Uint8Array),
        };
  return {
    signal: controller.signal,
    controller,
    log: { info: () => {}, warn: (message) => warnings.push(message) },
    rng: Rng.from(seed),
    checkpoint: {
      latest: () => Promise.resolve(latest),
      due: (_step, seconds = 0) => seconds === 0,
      save: (step, blobs, info) => {
        saved.push({ step, blobs, info });
        return Promise.resolve();
      },
    },
    report: (metrics) => reports.push(metrics),
    tick: () => {},
    tmpDir: '',
    files: {},
    device: null,
    temporal: null,
    reports,
    saved,
    warnings,
  };
}

export function trainingData(train: Crystal[], validation: Crystal[] = []): EncoderTrainingData {
  const energies = (crystals: Crystal[]) => Float64Array.from(crystals, (_, i) => (i % 3) - 1);
  return { train, validation, targets: { train: energies(train), validation: energies(validation) } };
}
