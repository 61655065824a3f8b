import { z } from 'zod';
import { definePlugin } from '../../contract/define-plugin.js';
import { startRows } from '../starts.js';
import { OnePointSearch } from './one-point-search.js';

const NAME = 'optimizer/jitter';

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
  create: ({ distance }, { rng }) => ({
    start: (space, starts) => {
      const { dimension: d, lower, upper } = space;
      const points = starts.slice();
      startRows(NAME, space, starts).forEach((start, i) => {
        const move = new Float64Array(d);
        rng.fork(`start-${i}`).fillNormal(move);
        const scale = distance / Math.hypot(...move);
        for (let j = 0; j < d; j++) {
          const moved = (start[j] as number) + scale * (move[j] as number);
          points[i * d + j] = Math.min(upper[j] as number, Math.max(lower[j] as number, moved));
        }
      });
      return new OnePointSearch(NAME, space, points);
    },
    restore: (space, state) => OnePointSearch.restore(NAME, space, state),
  }),
});

export default jitter;
