import { LcomsError } from '../../../schemas/errors.js';
import { definePlugin } from '../../contract/define-plugin.js';
import { MODEL_BLOB, readModel } from './model-file.js';
import { readPaperModel } from './paper/model-file.js';
import { trainPaper } from './paper/train.js';
import { presetOptions, presetOptionsSchema } from './presets.js';
import { trainCdvae } from './train.js';

/**
 * encoder/cdvae: a crystal diffusion variational autoencoder, by default sized to train in minutes on two CPU cores;
 * larger with `preset: medium`, as published with `preset: paper`.
 */
export const cdvae = definePlugin({
  apiVersion: 1,
  kind: 'encoder',
  name: 'cdvae',
  version: '1.2.0',
  cacheVersion: 2,
  summary:
    'Crystal diffusion variational autoencoder: light vector networks (presets small, minutes on two CPU cores, and medium) or the published ones (preset paper).',
  cite: [
    'Xie, Fu, Ganea, Barzilay, Jaakkola: Crystal diffusion variational autoencoder for periodic material generation (2021), arXiv:2110.06197',
    'Schütt, Unke, Gastegger: Equivariant message passing for the prediction of tensorial properties (PaiNN, 2021), arXiv:2102.03150',
    'Gasteiger, Giri, Margraf, Günnemann: Fast and uncertainty-aware directional message passing (DimeNet++, 2020), arXiv:2011.14115',
    'Gasteiger, Becker, Günnemann: GemNet: universal directional graph neural networks for molecules (2021), arXiv:2106.08903',
    'Jiao, Huang, Lin, Han, Chen, Lu, Liu: Crystal structure prediction by joint equivariant diffusion (DiffCSP, 2023), arXiv:2309.04475',
    'Song, Ermon: Generative modeling by estimating gradients of the data distribution (2019), arXiv:1907.05600',
  ],
  options: presetOptionsSchema,
  capabilities: { tensors: true },
  // The vector networks learn along a cosine over all epochs, the published ones by plateaus of what was.
  growing: (given) => (presetOptions(given).network === 'vector' ? [] : ['epochs']),
  create: (given, context) => {
    const options = presetOptions(given);
    return options.network === 'vector'
      ? {
          train: (data) => trainCdvae(data, options, context),
          load: async (blobs) => readModel(modelBlob(blobs), options, context),
        }
      : {
          train: (data) => trainPaper(data, options, context),
          load: async (blobs) => readPaperModel(modelBlob(blobs), options, context),
        };
  },
});

function modelBlob(blobs: ReadonlyMap<string, Uint8Array>): Uint8Array {
  const bytes = blobs.get(MODEL_BLOB);
  if (bytes !== undefined) return bytes;
  throw new LcomsError(
    'LCOMS_E_ARTIFACT_MISSING',
    `encoder/cdvae needs the blob ${MODEL_BLOB}; given are ${[...blobs.keys()].join(', ') || 'none'}`,
  );
}
