import { definePlugin } from '../../contract/define-plugin.js';
import { BoxSearch } from '../box-search.js';
import { tpeOptions } from './options.js';
import { Tpe } from './tpe.js';

/** Bayesian optimization by Parzen estimators: one history per start. */
export const tpe = definePlugin({
  apiVersion: 1,
  kind: 'optimizer',
  name: 'tpe',
  version: '1.0.0',
  cacheVersion: 1,
  summary: 'Bayesian optimization by tree-structured Parzen estimators, one history per start',
  cite: [
    'Bergstra, Bardenet, Bengio, Kegl: Algorithms for hyper-parameter optimization, NeurIPS 24 (2011)',
    'Akiba, Sano, Yanase, Ohta, Koyama: Optuna, KDD 2019: TPESampler, whose defaults these are',
    'Cheng, Gong, Yin: Crystal structure prediction by combining graph network and optimization algorithm, Nat. Commun. 13, 1492 (2022): TPE with 200 random starts of 5000 evaluations',
  ],
  options: tpeOptions,
  capabilities: { spaces: ['latent', 'structure'] },
  create: (options, { rng }) =>
    BoxSearch.optimizer('optimizer/tpe', options.budget, rng, (row, saved) => new Tpe(row, options, saved)),
});

export default tpe;
