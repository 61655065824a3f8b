/**
 * What the presets of encoder/cdvae set, for each network they offer, over the defaults of the network's own options
 * (options.ts, paper/options.ts); `network` is the preset's own.
 */
export const PRESET_SETTINGS = {
  small: {
    network: 'vector',
    settings: {
      vector: {},
      'dimenet-gemnet': {
        latentDimension: 64,
        hiddenWidth: 96,
        encoder: {
          hidden: 48,
          blocks: 2,
          interactionEmbedding: 24,
          outputEmbedding: 96,
          neighbours: 12,
          outputLayers: 2,
        },
        decoder: {
          atomWidth: 48,
          edgeWidth: 48,
          tripletWidth: 24,
          bilinearWidth: 24,
          radialFunctions: 32,
          blocks: 2,
          neighbours: 12,
        },
        latticeTarget: 'metric',
        noiseLevels: 24,
        noiseMax: 0.6,
        noiseMin: 0.08,
        sampler: 'fast',
        fastLevels: 24,
        energyWeight: 1,
        epochs: 45,
        batchSize: 64,
        plateauPatience: 3,
        validateEvery: 1,
      },
    },
  },
  medium: {
    network: 'vector',
    settings: {
      vector: {
        latentDimension: 128,
        width: 128,
        messageWidth: 96,
        hiddenWidth: 256,
        encoderBlocks: 3,
        decoderBlocks: 4,
        radialFunctions: 12,
        noiseMax: 1.5,
        epochs: 75,
        learningRate: 1e-3,
        warmupSteps: 500,
        gradientNorm: 5,
      },
    },
  },
  paper: { network: 'dimenet-gemnet', settings: { 'dimenet-gemnet': {} } },
} as const;
