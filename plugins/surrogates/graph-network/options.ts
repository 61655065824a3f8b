import { z } from 'zod';

const whole = (minimum: number) => z.number().int().min(minimum);
const positive = z.number().positive();

/** Options of surrogate/graph-network. "SchNet" is Schütt et al. 2018; what has no source was chosen on validation formulas. */
export const graphNetworkOptions = z.strictObject({
  width: whole(1).max(1024).default(64).describe('channels of an atom (SchNet: 64)'),
  blocks: whole(1).max(12).default(3).describe('rounds of messages (SchNet: 3)'),
  cutoff: positive.max(12).default(6).describe('A; messages come from all atoms within, and fade out smoothly'),
  radialFunctions: whole(2)
    .max(256)
    .default(24)
    .describe('Gaussians of the distance, evenly from 0 to the cutoff (SchNet: one each 0.1 A)'),
  envelopeExponent: whole(2)
    .max(12)
    .default(6)
    .describe('of the envelope that takes messages to zero at the cutoff with two derivatives (DimeNet: 6)'),
  huberDelta: positive
    .default(0.1)
    .describe('errors above this many standard deviations of the energy count linearly, smaller ones by their square'),
  epochs: whole(1).max(100_000).default(100).describe('passes over the training crystals'),
  batchSize: whole(1)
    .max(4096)
    .default(32)
    .describe('crystals in a batch, all of one number of atoms (SchNet: 32 on crystals)'),
  learningRate: positive
    .default(3e-3)
    .describe('Adam; falls along a cosine to a fiftieth (SchNet: 1e-3, falling by steps)'),
  warmupSteps: whole(0).default(100).describe('batches over which the learning rate rises'),
  keep: z
    .enum(['best', 'last'])
    .default('best')
    .describe(
      'which epoch is the result: the one of least mean absolute error on the validation formulas, or the last',
    ),
  validateEvery: whole(1).default(4).describe('epochs between looks at the validation error'),
  maxCrystals: whole(1).optional().describe('train on a random subset of this size; default: all'),
  maxAtoms: whole(1).default(64).describe('training crystals with more atoms are left out'),
  checkpointSeconds: z.number().min(0).default(20).describe('least time between checkpoints; 0: after every batch'),
});

export type GraphNetworkOptions = z.output<typeof graphNetworkOptions>;

/** What the network and its inputs depend on: kept in the model's file. */
export type NetworkOptions = Pick<
  GraphNetworkOptions,
  'width' | 'blocks' | 'cutoff' | 'radialFunctions' | 'envelopeExponent'
>;
