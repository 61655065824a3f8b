import { z } from 'zod';
import { LcomsError } from '../../../schemas/errors.js';
import { definePlugin } from '../../contract/define-plugin.js';
import { onePoint } from './one-point.js';

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
  create: (_, { rng }) =>
    onePoint(NAME, rng, (row, { dimension: d, lower, upper, reference }) => {
      if (reference.length === 0) throw new LcomsError('LCOMS_E_INPUT', `${NAME}: the space has no training latents`);
      const at = row.rng.int(reference.length / d) * d;
      return Float64Array.from(lower, (low, j) => {
        const place = ((reference[at + j] as number) - low) / ((upper[j] as number) - low);
        return Math.min(1, Math.max(0, place));
      });
    }),
});

export default trainingLatent;
