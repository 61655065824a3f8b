import { z } from 'zod';

const whole = (minimum: number) => z.number().int().min(minimum);
const positive = z.number().positive();

/** Most network calls of a fast sampler. */
export const FAST_CALLS = 200;

/**
 * Options of encoder/cdvae with the light vector network. Defaults are those of preset `small`, sized to train from nothing
 * in minutes on two CPU cores. Loss weights are those of Xie et al. 2021 (arXiv:2110.06197); sizes and noise range come
 * from trials on simulated AX, AX2 and A2X minima (docs/experiments.md). Lengths in A.
 */
export const cdvaeOptionsSchema = z
  .strictObject({
    preset: z.enum(['small', 'medium']).default('small').describe('what the other options start from'),
    network: z.literal('vector').default('vector').describe('vector messages in the PaiNN family'),
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
    cell: z
      .enum(['niggli', 'primitive'])
      .default('niggli')
      .describe('cell that the networks see: the primitive one Niggli-reduced, or as symmetry standardises it'),
    lattice: z
      .enum(['regressed', 'diffused'])
      .optional()
      .describe(
        'how a decoded crystal gets its cell: regressed from the latent, or sampled together with the coordinates; default: regressed',
      ),
    noiseLevels: whole(1).default(24).describe('noise levels of training, in geometric steps'),
    noiseMax: positive
      .default(0.6)
      .describe('standard deviation of the largest noise, A; next to nothing can be learned above it'),
    noiseMin: positive.default(0.08).describe('standard deviation of the smallest noise, A'),
    sampler: z
      .enum(['fast', 'langevin'])
      .default('fast')
      .describe('at most 200 network calls, or the 5,000 of annealed Langevin dynamics as published'),
    fastLevels: whole(1).default(24).describe('fast sampler: noise levels, from noiseMax to noiseMin'),
    fastSteps: whole(1)
      .default(5)
      .describe('fast sampler: Langevin steps at each level, and steps to the mean at the end'),
    fastStepSize: positive.max(2).default(0.3).describe('fast sampler: step in squared noise levels'),
    langevinLevels: whole(1)
      .default(50)
      .describe('langevin sampler: noise levels, from noiseMax to noiseMin (Xie et al.)'),
    langevinSteps: whole(1).default(100).describe('langevin sampler: steps at each level (Xie et al.)'),
    langevinStepSize: positive
      .max(2)
      .default(1)
      .describe('langevin sampler: step in squared noise levels (Xie et al.: 1e-4 A^2 at a level of 0.01 A)'),
    klWeight: z.number().min(0).default(0.01),
    latticeWeight: z.number().min(0).default(10),
    coordinateWeight: z.number().min(0).default(10),
    energyWeight: z.number().min(0).default(1).describe('weight of the energy head; 0 leaves it out'),
    epochs: whole(1).default(45),
    batchSize: whole(1).default(64).describe('crystals in a batch; all of them have the same number of atoms'),
    learningRate: positive.default(3e-3).describe('Adam; falls along a cosine to a fiftieth'),
    warmupSteps: whole(0).default(50),
    gradientClip: positive.default(0.5).describe('largest absolute value of a gradient element'),
    gradientNorm: positive
      .optional()
      .describe('largest norm of the whole gradient: larger ones are scaled down to it; default: none'),
    maxCrystals: whole(1).optional().describe('train on a random subset of this size; default: all'),
    maxAtoms: whole(1).default(64).describe('training crystals with more atoms in the primitive cell are left out'),
    validateEvery: whole(1).default(5).describe('epochs between looks at the validation loss'),
    checkpointSeconds: z.number().min(0).default(20).describe('least time between checkpoints; 0: after every batch'),
  })
  .refine((o) => o.noiseMin <= o.noiseMax, { path: ['noiseMin'], error: 'must not be larger than noiseMax' })
  .refine((o) => (o.fastLevels + 1) * o.fastSteps <= FAST_CALLS, {
    path: ['fastSteps'],
    error: `(fastLevels + 1) x fastSteps must not be larger than ${FAST_CALLS}`,
  });

export type CdvaeOptions = z.output<typeof cdvaeOptionsSchema>;
