import { definePlugin } from '../../contract/define-plugin.js';
import { BoxSearch } from '../box-search.js';
import { CmaEs } from './cma-es.js';
import { cmaEsOptions } from './options.js';

/** Covariance matrix adaptation: one distribution per start. */
export const cmaEs = definePlugin({
  apiVersion: 1,
  kind: 'optimizer',
  name: 'cma-es',
  version: '1.0.0',
  cacheVersion: 1,
  summary: 'CMA-ES from each start, with restarts; sep-CMA-ES in many dimensions',
  cite: [
    'Hansen: The CMA evolution strategy: a tutorial, arXiv:1604.00772 (2016)',
    'Ros, Hansen: A simple modification in CMA-ES achieving linear time and space complexity, PPSN X, 296-305 (2008)',
    'Auger, Hansen: A restart CMA evolution strategy with increasing population size, CEC 2005, 1769-1776',
  ],
  options: cmaEsOptions,
  capabilities: { spaces: ['latent', 'structure'] },
  create: (options, { rng }) =>
    BoxSearch.optimizer('optimizer/cma-es', options.budget, rng, (row, saved) => new CmaEs(row, options, saved)),
});

export default cmaEs;
