import { z } from 'zod';
import { definePlugin } from '../../contract/define-plugin.js';
import { onePoint } from './one-point.js';

/** Control: whether a search does more than shake the start. */
export const jitter = definePlugin({
  apiVersion: 1,
  kind: 'optimizer',
  name: 'jitter',
  version: '1.0.0',
  cacheVersion: 1,
  summary: 'Control: each start moved at random by as far as a search would go, no search',
  cite: [],
  options: z.strictObject({
    distance: z
      .number()
      .min(0)
      .default(3)
      .describe('length of the move in standardised latents, in a random direction; cut off at the bounds'),
  }),
  capabilities: { spaces: ['latent', 'structure'] },
  create: ({ distance }, { rng }) =>
    onePoint('optimizer/jitter', rng, ({ start, rng: stream }, { dimension, lower, upper }) => {
      const move = new Float64Array(dimension);
      stream.fillNormal(move);
      const scale = distance / Math.hypot(...move);
      return start.map((x, j) => {
        const moved = x + (scale * (move[j] as number)) / ((upper[j] as number) - (lower[j] as number));
        return Math.min(1, Math.max(0, moved));
      });
    }),
});

export default jitter;
