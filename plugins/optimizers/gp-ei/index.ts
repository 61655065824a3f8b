import { definePlugin } from '../../contract/define-plugin.js';
import { BoxSearch } from '../box-search.js';
import { GpSearch } from './gp-search.js';
import { gpEiOptions } from './options.js';

/** Bayesian optimization by a Gaussian process: one model per start. */
export const gpEi = definePlugin({
  apiVersion: 1,
  kind: 'optimizer',
  name: 'gp-ei',
  version: '1.0.0',
  cacheVersion: 1,
  summary: 'Bayesian optimization by a Gaussian process (Matern 5/2) and expected improvement, one model per start',
  cite: [
    'Jones, Schonlau, Welch: Efficient global optimization of expensive black-box functions, J. Glob. Optim. 13, 455-492 (1998)',
    'Snoek, Larochelle, Adams: Practical Bayesian optimization of machine learning algorithms, NeurIPS 25 (2012)',
    'Hvarfner, Hellsten, Nardi: Vanilla Bayesian optimization performs great in high dimensions, ICML 2024: prior of the length scale',
    'Ginsbourger, Le Riche, Carraro: Kriging is well-suited to parallelize optimization (2010): constant liar',
  ],
  options: gpEiOptions,
  capabilities: { spaces: ['latent', 'structure'] },
  create: (options, { rng }) =>
    BoxSearch.optimizer('optimizer/gp-ei', options.budget, rng, (row, saved) => new GpSearch(row, options, saved)),
});

export default gpEi;
