import { z } from 'zod';
import { LcomsError } from '../../../schemas/errors.js';
import { definePlugin } from '../../contract/define-plugin.js';
import { startRows } from '../starts.js';
import { OnePointSearch } from './one-point-search.js';

const NAME = 'optimizer/training-latent';

/** Control: what the decoder makes of the compound's atoms from a crystal that has nothing to do with it. */
export const trainingLatent = definePlugin({
  apiVersion: 1,
  kind: 'optimizer',
  name: 'training-latent',
  version: '1.0.0',
  cacheVersion: 1,
  summary: 'Control: a random latent of the training data for each start, no search',
  cite: [],
  options: z.strictObject({}),
  capabilities: { spaces: ['latent'] },
  create: (_, { rng }) => ({
    start: (space, starts) => {
      const { dimension: d, reference } = space;
      const rows = startRows(NAME, space, starts);
      if (reference.length === 0) throw new LcomsError('LCOMS_E_INPUT', `${NAME}: the space has no training latents`);
      const points = new Float32Array(starts.length);
      rows.forEach((_, i) => {
        const row = rng.fork(`start-${i}`).int(reference.length / d);
        points.set(reference.subarray(row * d, (row + 1) * d), i * d);
      });
      return new OnePointSearch(NAME, space, points);
    },
    restore: (space, state) => OnePointSearch.restore(NAME, space, state),
  }),
});

export default trainingLatent;
