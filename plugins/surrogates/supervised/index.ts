import { z } from 'zod';
import { definePlugin } from '../../contract/define-plugin.js';
import { loadEnergyModel } from '../mlp/model.js';
import { mlpOptionsShape } from '../mlp/options.js';
import { trainEnergyModel } from '../mlp/train.js';

/** The baseline SL of the paper: the same network as surrogate/com, fitted to the energies alone. */
export const supervised = definePlugin({
  apiVersion: 1,
  kind: 'surrogate',
  name: 'supervised',
  version: '1.1.0',
  cacheVersion: 2,
  summary: 'Energy MLP over latents by plain regression, without conservatism (SL in the paper)',
  cite: [
    'Qi, Geng, Rando, Ohama, Kumar, Levine: Latent conservative objective models for data-driven crystal structure prediction (2023)',
  ],
  options: z.strictObject(mlpOptionsShape),
  capabilities: { tensors: true },
  // The learning rate is constant: fewer epochs are a beginning of more.
  growing: () => ['epochs'],
  create(options, context) {
    const { checkpointSeconds: _, epochs: __, ...identity } = options;
    return {
      train: (data) => trainEnergyModel(data, options, null, identity, context),
      load: async (blobs) => loadEnergyModel(blobs),
    };
  },
});

export default supervised;
