import { definePlugin } from '../../contract/define-plugin.js';
import { BoxSearch } from '../box-search.js';
import { psoOptions } from './options.js';
import { Swarm } from './swarm.js';

/** Particle swarm: one swarm per start. */
export const pso = definePlugin({
  apiVersion: 1,
  kind: 'optimizer',
  name: 'pso',
  version: '1.0.0',
  cacheVersion: 1,
  summary: 'Particle swarm in the search box, global or ring topology, one swarm per start',
  cite: [
    'Kennedy, Eberhart: Particle swarm optimization, Proc. ICNN 4, 1942-1948 (1995)',
    'Clerc, Kennedy: The particle swarm - explosion, stability, and convergence, IEEE Trans. Evol. Comput. 6, 58-73 (2002)',
    'Cheng, Gong, Yin: Crystal structure prediction by combining graph network and optimization algorithm, Nat. Commun. 13, 1492 (2022): w 0.8, c1 = c2 = 0.5',
  ],
  options: psoOptions,
  capabilities: { spaces: ['latent', 'structure'] },
  create: (options, { rng }) =>
    BoxSearch.optimizer('optimizer/pso', options.budget, rng, (row, saved) => new Swarm(row, options, saved)),
});

export default pso;
