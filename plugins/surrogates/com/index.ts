import { definePlugin } from '../../contract/define-plugin.js';
import { loadEnergyModel } from '../mlp/model.js';
import { trainEnergyModel } from '../mlp/train.js';
import { Conservatism } from './conservatism.js';
import { DualVariable } from './dual-variable.js';
import { comOptions } from './options.js';

/** The conservative surrogate of the paper. With tau infinity its bytes are those of surrogate/supervised. */
export const com = definePlugin({
  apiVersion: 1,
  kind: 'surrogate',
  name: 'com',
  version: '1.1.0',
  cacheVersion: 2,
  summary: 'Conservative energy MLP over latents: what gradient descent finds may not look much better than the data',
  cite: [
    'Qi, Geng, Rando, Ohama, Kumar, Levine: Latent conservative objective models for data-driven crystal structure prediction (2023), Equations 5 and 6',
    'Trabucco, Kumar, Geng, Levine: Conservative objective models for effective offline model-based optimization, ICML 2021, arXiv:2107.06882',
  ],
  options: comOptions,
  capabilities: { tensors: true },
  // The learning rate is constant: fewer epochs are a beginning of more.
  growing: () => ['epochs'],
  create(options, context) {
    const { checkpointSeconds: _, epochs: __, ...identity } = options;
    const { tau, alpha, alphaLearningRate, adversarySteps } = options;
    return {
      train(data) {
        const eta = options.eta === 'auto' ? 0.05 * Math.sqrt(data.dimension) : options.eta;
        const penalty =
          tau === 'infinity'
            ? null
            : new Conservatism(new DualVariable(alpha, tau, alphaLearningRate), eta, adversarySteps);
        return trainEnergyModel(data, options, penalty, identity, context);
      },
      load: async (blobs) => loadEnergyModel(blobs),
    };
  },
});

export default com;
