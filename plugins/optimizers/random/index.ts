import { z } from 'zod';
import { definePlugin } from '../../contract/define-plugin.js';
import { BoxSearch } from '../box-search.js';
import { RandomSearch } from './random-search.js';

/** Random search: what every other optimizer has to beat. */
export const random = definePlugin({
  apiVersion: 1,
  kind: 'optimizer',
  name: 'random',
  version: '1.0.0',
  cacheVersion: 1,
  summary: 'Uniform random points of the search box, the best of a budget per start',
  cite: ['Pickard, Needs: Ab initio random structure searching, J. Phys.: Condens. Matter 23, 053201 (2011)'],
  options: z.strictObject({
    budget: z
      .number()
      .int()
      .min(1)
      .max(1_000_000)
      .default(50)
      .describe('evaluations per start; 50 equals one default run of optimizer/latent-gradient'),
    batch: z.number().int().min(1).max(10_000).default(25).describe('points per start that are asked at a time'),
  }),
  capabilities: { spaces: ['latent', 'structure'] },
  create: ({ budget, batch }, { rng }) =>
    BoxSearch.optimizer('optimizer/random', budget, rng, (row) => new RandomSearch(row, batch)),
});

export default random;
