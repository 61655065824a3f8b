import { z } from 'zod';

/** Options of optimizer/latent-gradient; defaults are the paper's. */
export const latentGradientOptions = z.strictObject({
  steps: z.number().int().min(0).max(100_000).default(50).describe('gradient steps T; the paper also uses 10 and 40'),
  eta: z
    .union([z.literal('auto'), z.number().positive()])
    .default('auto')
    .describe('step size in standardised latents; auto: 0.05 x sqrt(d), the step of the surrogate adversary'),
  stop: z
    .enum(['steps', 'distance'])
    .default('steps')
    .describe(
      'steps: always T steps; distance: a start ends at its last point before it leaves the training latents, ' +
        'T steps at most',
    ),
  percentile: z
    .number()
    .min(0)
    .max(100)
    .default(95)
    .describe(
      'stop: distance - how far is too far, as percentile of nearest-neighbour distances between training latents',
    ),
  trust: z
    .number()
    .min(0)
    .optional()
    .describe(
      'how far from its start a walk may go, in units of sqrt(d) in standardised latents: a step that would lead out ends at the ' +
        'nearest point of the ball, and the walk goes on; 0: at the start. Default: anywhere',
    ),
});

export type LatentGradientOptions = z.output<typeof latentGradientOptions>;
