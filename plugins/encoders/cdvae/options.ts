import { z } from 'zod';

const whole = (minimum: number) => z.number().int().min(minimum);
const positive = z.number().positive();

/**
 * Options of encoder/cdvae, the "small" preset: sized to train from nothing in minutes on two CPU cores. Loss weights
 * are those of Xie et al. 2021 (arXiv:2110.06197); sizes and noise range come from trials on simulated AX, AX2 and A2X
 * minima. Lengths in A.
 */
export const cdvaeOptionsSchema = z
  .strictObject({
    preset: z.enum(['small']).default('small').describe('network and sizes that the other options start from'),
    latentDimension: whole(1).default(64).describe('length of a latent vector'),
    width: whole(1).default(48).describe('scalar and vector channels of an atom'),
    messageWidth: whole(1).default(32).describe('channels of a message'),
    hiddenWidth: whole(1).default(96).describe('hidden units of the update and head networks'),
    encoderBlocks: whole(1).default(2),
    decoderBlocks: whole(1).default(2),
    neighbours: positive
      .default(28)
      .describe('mean number of neighbours inside the cutoff: the cutoff scales with the cube root of volume per atom'),
    radialFunctions: whole(2).default(10).describe('Gaussians over the reduced distance'),
    symprec: positive.default(0.05).describe('tolerance, A, of the reduction to a primitive cell'),
    noiseLevels: whole(1).default(24),
    noiseMax: positive
      .default(0.6)
      .describe('standard deviation of the largest noise, A; next to nothing can be learned above it'),
    noiseMin: positive.default(0.08).describe('standard deviation of the smallest noise, A'),
    langevinSteps: whole(1).default(5).describe('Langevin steps at each noise level'),
    langevinStepSize: positive.max(2).default(0.3).describe('step in units of the squared noise level'),
    klWeight: z.number().min(0).default(0.01),
    latticeWeight: z.number().min(0).default(10),
    coordinateWeight: z.number().min(0).default(10),
    energyWeight: z.number().min(0).default(1).describe('weight of the energy head; 0 leaves it out'),
    epochs: whole(1).default(45),
    batchSize: whole(1).default(64).describe('crystals in a batch; all of them have the same number of atoms'),
    learningRate: positive.default(3e-3).describe('Adam; falls along a cosine to a fiftieth'),
    warmupSteps: whole(0).default(50),
    gradientClip: positive.default(0.5).describe('largest absolute value of a gradient element'),
    maxCrystals: whole(1).optional().describe('train on a random subset of this size; default: all'),
    maxAtoms: whole(1).default(64).describe('training crystals with more atoms in the primitive cell are left out'),
    validateEvery: whole(1).default(5).describe('epochs between looks at the validation loss'),
    checkpointSeconds: z.number().min(0).default(20).describe('least time between checkpoints; 0: after every batch'),
  })
  .refine((o) => o.noiseMin <= o.noiseMax, { path: ['noiseMin'], error: 'must not be larger than noiseMax' });

export type CdvaeOptions = z.output<typeof cdvaeOptionsSchema>;
