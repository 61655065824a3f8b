import { definePlugin } from '../../contract/define-plugin.js';
import { EvolutionSearch } from './evolution-search.js';
import { evolutionOptions } from './options.js';

/** Evolution of crystals: one population per start. */
export const evolution = definePlugin({
  apiVersion: 1,
  kind: 'optimizer',
  name: 'evolution',
  version: '1.0.0',
  cacheVersion: 1,
  summary: 'Evolution of crystals by heredity, strain and ripple, permutation and random symmetric newcomers',
  cite: [
    'Oganov, Glass: Crystal structure prediction using ab initio evolutionary techniques, J. Chem. Phys. 124, 244704 (2006)',
    'Lyakhov, Oganov, Stokes, Zhu: New developments in evolutionary structure prediction algorithm USPEX, Comput. Phys. Commun. 184, 1172 (2013)',
    'Lonie, Zurek: XtalOpt: an open-source evolutionary algorithm for crystal structure prediction, Comput. Phys. Commun. 182, 372 (2011)',
  ],
  options: evolutionOptions,
  capabilities: { spaces: ['structure'] },
  create: (options, { rng }) => ({
    start: (space, starts) => EvolutionSearch.begin(space, starts, options, rng),
    restore: (space, state) => EvolutionSearch.restore(space, state, options, rng),
  }),
});

export default evolution;
