import { z } from 'zod';

const whole = (minimum: number) => z.number().int().min(minimum);

/** Options that surrogate/com and surrogate/supervised share; the defaults are the paper's. */
export const mlpOptionsShape = {
  width: whole(1).max(16_384).default(2048).describe('units of a hidden layer; 512 trains about ten times faster'),
  depth: whole(1).max(16).default(2).describe('hidden layers'),
  slope: z.number().min(0).max(1).default(0.3).describe('slope of the leaky ReLU below zero'),
  epochs: whole(1).max(100_000).default(50).describe('passes over the training rows'),
  batchSize: whole(1).max(65_536).default(128).describe('rows in a batch; the last one of an epoch may be smaller'),
  learningRate: z.number().positive().default(3e-5).describe('Adam; a narrow network wants more, about 1e-3'),
  keep: z
    .enum(['last', 'best'])
    .default('last')
    .describe('which epoch is the result: the last, or the one of least validation error'),
  composition: z
    .boolean()
    .optional()
    .describe(
      'true: the share of each element among the atoms (of those in the training rows) stands beside the latent as input; searches ' +
        'and the adversary move the latent alone. Default: the latent alone, which carries it already',
    ),
  formationWeight: z
    .number()
    .positive()
    .max(1000)
    .optional()
    .describe(
      'of data whose target is the energy above the lowest of the composition: a second output learns the formation energy, with its ' +
        'squared error (standardised) in the loss by this weight; searches descend the first alone. Default: one output',
    ),
  checkpointSeconds: z.number().min(0).default(20).describe('least time between checkpoints; 0: after every batch'),
};

/** The shared options, parsed. */
export interface MlpOptions {
  width: number;
  depth: number;
  slope: number;
  epochs: number;
  batchSize: number;
  learningRate: number;
  keep: 'last' | 'best';
  composition?: boolean | undefined;
  formationWeight?: number | undefined;
  checkpointSeconds: number;
}
