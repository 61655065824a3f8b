import { definePlugin } from '../../contract/define-plugin.js';
import { loadEnsemble } from './model.js';
import { ensembleOptions } from './options.js';
import { trainEnsemble } from './train.js';

/** Conservatism by disagreement instead of surrogate/com's adversary. One member with beta 0 is surrogate/supervised. */
export const ensemble = definePlugin({
  apiVersion: 1,
  kind: 'surrogate',
  name: 'ensemble',
  version: '1.0.0',
  cacheVersion: 1,
  summary: 'Several energy MLPs over latents; energy = mean + beta x standard deviation, high where they disagree',
  cite: [
    'Lakshminarayanan, Pritzel, Blundell: Simple and scalable predictive uncertainty estimation using deep ensembles, NeurIPS 2017, arXiv:1612.01474',
    'Yu, Thomas, Yu, Ermon, Zou, Levine, Finn, Ma: MOPO: Model-based offline policy optimization, NeurIPS 2020, arXiv:2005.13239 (penalty by the disagreement of an ensemble)',
    'Trabucco, Kumar, Geng, Levine: Conservative objective models for effective offline model-based optimization, ICML 2021, arXiv:2107.06882 (compares with ensembles under gradient ascent)',
  ],
  options: ensembleOptions,
  capabilities: { tensors: true },
  create: (options, context) => ({
    train: (data) => trainEnsemble(data, options, context),
    load: async (blobs) => loadEnsemble(blobs, options),
  }),
});

export default ensemble;
