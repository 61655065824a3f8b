import { Rng } from '../../../../../lib/random/rng.js';
import { Parameters } from '../../../../../lib/tensor/parameters.js';
import { PaperNetworks } from '../../../../../plugins/encoders/cdvae/paper/networks.js';
import { type PaperOptions, paperOptionsSchema } from '../../../../../plugins/encoders/cdvae/paper/options.js';

/** Options of networks small enough for tests. */
export function tinyPaper(options: Partial<PaperOptions> = {}): PaperOptions {
  return paperOptionsSchema.parse({
    preset: 'paper',
    latentDimension: 6,
    hiddenWidth: 12,
    encoder: {
      hidden: 8,
      blocks: 1,
      interactionEmbedding: 6,
      basisEmbedding: 4,
      outputEmbedding: 8,
      spherical: 3,
      radial: 4,
      cutoff: 5,
      neighbours: 8,
      outputLayers: 1,
    },
    decoder: {
      atomWidth: 16,
      edgeWidth: 16,
      tripletWidth: 8,
      bilinearWidth: 8,
      radialWidth: 8,
      circularWidth: 8,
      radialFunctions: 32,
      sphericalFunctions: 4,
      blocks: 1,
      residualAtom: 1,
      residualAfterSkip: 1,
      cutoff: 5,
      neighbours: 10,
    },
    batchSize: 8,
    epochs: 3,
    noiseMax: 1,
    noiseMin: 0.05,
    noiseLevels: 8,
    checkpointSeconds: 1000,
    ...options,
  });
}

export function untrainedPaper(
  options: PaperOptions,
  seed = 'weights',
): { parameters: Parameters; networks: PaperNetworks } {
  const rng = Rng.from(seed);
  const parameters = new Parameters(rng);
  return { parameters, networks: new PaperNetworks(parameters, rng, options) };
}
