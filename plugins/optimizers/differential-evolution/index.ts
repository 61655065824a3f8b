import { definePlugin } from '../../contract/define-plugin.js';
import { BoxSearch } from '../box-search.js';
import { DifferentialEvolution } from './differential-evolution.js';
import { differentialEvolutionOptions } from './options.js';

/** Differential evolution: one population per start. */
export const differentialEvolution = definePlugin({
  apiVersion: 1,
  kind: 'optimizer',
  name: 'differential-evolution',
  version: '1.0.0',
  cacheVersion: 1,
  summary: 'Differential evolution (rand/1/bin) in the search box, one population per start',
  cite: [
    'Storn, Price: Differential evolution - a simple and efficient heuristic for global optimization over continuous spaces, J. Glob. Optim. 11, 341-359 (1997)',
    'Price, Storn, Lampinen: Differential evolution, Springer (2005), section 4.3: bounce-back at bounds',
  ],
  options: differentialEvolutionOptions,
  capabilities: { spaces: ['latent', 'structure'] },
  create: (options, { rng }) =>
    BoxSearch.optimizer(
      'optimizer/differential-evolution',
      options.budget,
      rng,
      (row, saved) => new DifferentialEvolution(row, options, saved),
    ),
});

export default differentialEvolution;
