import { z } from 'zod';
import { mlpOptionsShape } from '../mlp/options.js';
import { ALPHA_RANGE } from './dual-variable.js';

const tau = z
  .preprocess(
    // YAML's .inf; a spec's canonical JSON has no number for it.
    (value) => (value === Number.POSITIVE_INFINITY ? 'infinity' : value),
    z.union([z.number().min(0), z.literal('infinity')]),
  )
  .default(1)
  .describe(
    // JSON Schema drops the default of a preprocessed option, so the words hold it.
    'default: 1; how much lower (standard deviations of the energy) the adversary may look than the data, per adversary step. ' +
      'Over a search of T steps T x tau binds, and 1 to 2 in all is what keeps predictions near the data: 0.02 to 0.04 ' +
      "for 50 steps. The paper's 0.5, 1 and 5 seldom bind. infinity (or .inf): plain regression, as surrogate/supervised",
  );

/** Options of surrogate/com; defaults are the paper's. */
export const comOptions = z.strictObject({
  ...mlpOptionsShape,
  tau,
  eta: z
    .union([z.literal('auto'), z.number().positive()])
    .default('auto')
    .describe('step of the adversary in standardised latents; auto: 0.05 x sqrt(d), as in optimizer/latent-gradient'),
  adversarySteps: z.number().int().min(1).max(1000).default(1).describe('gradient steps of the adversary, K_train'),
  alpha: z
    .number()
    .min(ALPHA_RANGE[0])
    .max(ALPHA_RANGE[1])
    .default(1)
    .describe(`dual variable at the start; it stays between ${ALPHA_RANGE[0]} and ${ALPHA_RANGE[1]}`),
  alphaLearningRate: z.number().positive().default(0.01).describe('Adam on log alpha'),
});
