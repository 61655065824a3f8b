import { LcomsError } from '../../../schemas/errors.js';
import { definePlugin } from '../../contract/define-plugin.js';
import { MODEL_BLOB, readModel } from './model-file.js';
import { cdvaeOptionsSchema } from './options.js';
import { trainCdvae } from './train.js';

/** encoder/cdvae: a crystal diffusion variational autoencoder, sized to train in minutes on two CPU cores. */
export const cdvae = definePlugin({
  apiVersion: 1,
  kind: 'encoder',
  name: 'cdvae',
  version: '1.0.0',
  cacheVersion: 1,
  summary: 'Crystal diffusion variational autoencoder with vector messages; trains in minutes on two CPU cores.',
  cite: [
    'Xie, Fu, Ganea, Barzilay, Jaakkola: Crystal diffusion variational autoencoder for periodic material generation (2021), arXiv:2110.06197',
    'Schütt, Unke, Gastegger: Equivariant message passing for the prediction of tensorial properties (PaiNN, 2021), arXiv:2102.03150',
    'Song, Ermon: Generative modeling by estimating gradients of the data distribution (2019), arXiv:1907.05600',
  ],
  options: cdvaeOptionsSchema,
  capabilities: { tensors: true },
  create: (options, context) => ({
    train: (data) => trainCdvae(data, options, context),
    load: async (blobs) => {
      const bytes = blobs.get(MODEL_BLOB);
      if (bytes === undefined)
        throw new LcomsError(
          'LCOMS_E_ARTIFACT_MISSING',
          `encoder/cdvae needs the blob ${MODEL_BLOB}; given are ${[...blobs.keys()].join(', ') || 'none'}`,
        );
      return readModel(bytes, options, context.rng, context.signal);
    },
  }),
});
