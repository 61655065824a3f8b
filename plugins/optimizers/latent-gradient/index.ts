import { definePlugin } from '../../contract/define-plugin.js';
import { GradientSearch } from './gradient-search.js';
import { latentGradientOptions } from './options.js';

/** Gradient descent on a surrogate over latents: the search of the paper (its Equation 5). */
export const latentGradient = definePlugin({
  apiVersion: 1,
  kind: 'optimizer',
  name: 'latent-gradient',
  version: '1.0.0',
  cacheVersion: 1,
  summary: 'Gradient descent in the latent space, T steps from each start',
  cite: [
    'Qi, Geng, Rando, Ohama, Kumar, Levine: Latent conservative objective models for data-driven crystal structure prediction (2023), Equation 5 and appendix C',
    'Trabucco, Kumar, Geng, Levine: Conservative objective models for effective offline model-based optimization, ICML 2021, arXiv:2107.06882',
  ],
  options: latentGradientOptions,
  capabilities: { spaces: ['latent'], gradients: true },
  // The end point is evaluated too.
  evaluations: (count) => ({ steps: count - 1 }),
  create: (options) => ({
    start: (space, starts) => GradientSearch.start(space, starts, options),
    restore: (space, state) => GradientSearch.restore(space, state, options),
  }),
});

export default latentGradient;
