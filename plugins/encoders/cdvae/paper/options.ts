import { z } from 'zod';
import type { DimenetOptions } from '../dimenet/options.js';
import { PAPER_DIMENET } from '../dimenet/options.js';
import { type GemNetOptions, gemnetOptionsSchema } from '../gemnet/options.js';

const whole = (minimum: number) => z.number().int().min(minimum);
const positive = z.number().positive();
const P = PAPER_DIMENET;

/** Sizes of the DimeNet++ encoder; defaults as released (Xie et al. 2021, conf/model/encoder/dimenet.yaml). Lengths in A. */
const encoderNetworkSchema = z.strictObject({
  hidden: whole(1).default(P.hidden).describe('channels of a message and of an atom'),
  blocks: whole(1).default(P.blocks).describe('interaction blocks'),
  interactionEmbedding: whole(1).default(P.interactionEmbedding).describe('channels that triplets are mixed in'),
  basisEmbedding: whole(1).default(P.basisEmbedding).describe('channels that a basis is reduced to'),
  outputEmbedding: whole(1).default(P.outputEmbedding).describe('channels of an atom in an output block'),
  spherical: whole(1).default(P.spherical).describe('angular functions'),
  radial: whole(1).default(P.radial).describe('radial functions'),
  cutoff: positive.default(P.cutoff).describe('longest edge, A'),
  neighbours: whole(1).default(P.neighbours).describe('most neighbours of an atom, whole shells'),
  shellTolerance: positive.default(P.shellTolerance).describe('distances this close, A, are of one shell; ours'),
  envelopeExponent: whole(1).default(P.envelopeExponent).describe('exponent of the envelope'),
  residualsBeforeSkip: whole(0).default(P.residualsBeforeSkip),
  residualsAfterSkip: whole(0).default(P.residualsAfterSkip),
  outputLayers: whole(0).default(P.outputLayers).describe('hidden layers of an output block'),
});

/** Most network calls of the fast sampler. */
const FAST_CALLS = 200;

/**
 * Options of encoder/cdvae with the networks of the paper. Defaults are those of preset `paper`: the released configuration of Xie et al. 2021 (arXiv:2110.06197, files
 * conf/model/vae.yaml, conf/optim/default.yaml, conf/data/mp_20.yaml and scripts/evaluate.py of its repository). What is
 * not from there says so. Lengths in A.
 */
export const paperOptionsSchema = z
  .strictObject({
    preset: z.enum(['small', 'medium', 'paper']).default('paper').describe('what the other options start from'),
    network: z.literal('dimenet-gemnet').default('dimenet-gemnet').describe('DimeNet++ and GemNet-T'),
    latentDimension: whole(1).default(256),
    hiddenWidth: whole(1).default(256).describe('features of a crystal and hidden units of the heads'),
    encoder: encoderNetworkSchema.prefault({}).describe('DimeNet++'),
    decoder: gemnetOptionsSchema.omit({ latentDimension: true }).prefault({}).describe('GemNet-T'),
    symprec: positive.default(0.05).describe('tolerance, A, of the reduction to a primitive Niggli cell; ours'),
    latticeTarget: z
      .enum(['parameters', 'metric'])
      .default('parameters')
      .describe(
        'what the lattice head learns: lengths / n^(1/3) (A) and angles (degrees), or the log of the metric tensor',
      ),
    noiseLevels: whole(1).default(50),
    noiseMax: positive.default(10).describe('standard deviation, A'),
    noiseMin: positive.default(0.01).describe('standard deviation of the smallest noise, A'),
    sampler: z
      .enum(['langevin', 'fast'])
      .default('langevin')
      .describe('annealed Langevin dynamics as published, or at most 200 network calls (ours)'),
    langevinSteps: whole(1).default(100).describe('Langevin steps at each noise level'),
    langevinStep: positive
      .default(1e-4)
      .describe('step at the smallest level, A^2; grows with the square of the level'),
    fastLevels: whole(2).default(50).describe('fast sampler: noise levels, from noiseMax to noiseMin; ours'),
    fastSteps: whole(0).default(2).describe('fast sampler: Langevin steps before the step to the next level; ours'),
    fastStepSize: positive.max(2).default(0.3).describe('fast sampler: their size in squared noise levels; ours'),
    klWeight: z.number().min(0).default(0.01),
    latticeWeight: z.number().min(0).default(10),
    coordinateWeight: z.number().min(0).default(10),
    energyWeight: z.number().min(0).default(0).describe('weight of the energy head; 0 leaves it out'),
    epochs: whole(1).default(1000),
    batchSize: whole(1).default(256).describe('crystals in a batch, of any sizes'),
    microBatchAtoms: whole(1)
      .default(256)
      .describe('atoms that go through the networks at once; gradients add up to those of the batch; ours'),
    learningRate: positive.default(1e-3).describe('Adam; reduced on plateaus'),
    plateauFactor: positive.max(1).default(0.6).describe('what a plateau multiplies the learning rate by'),
    plateauPatience: whole(0).default(30).describe('looks at the validation loss without a better one that pass first'),
    minLearningRate: z.number().min(0).default(1e-4),
    gradientClip: positive.default(0.5).describe('largest absolute value of a gradient element'),
    maxCrystals: whole(1).optional().describe('train on a random subset of this size; default: all'),
    maxAtoms: whole(1).default(64).describe('training crystals with more atoms are left out; ours'),
    validateEvery: whole(1).default(1).describe('epochs between looks at the validation loss'),
    checkpointSeconds: z.number().min(0).default(60).describe('least time between checkpoints; 0: after every batch'),
  })
  .refine((o) => o.noiseMin <= o.noiseMax, { path: ['noiseMin'], error: 'must not be larger than noiseMax' })
  .refine((o) => o.minLearningRate <= o.learningRate, {
    path: ['minLearningRate'],
    error: 'must not be larger than learningRate',
  })
  .refine((o) => o.fastLevels * (o.fastSteps + 1) <= FAST_CALLS, {
    path: ['fastSteps'],
    error: `fastLevels x (fastSteps + 1) must not be larger than ${FAST_CALLS}`,
  });

export type PaperOptions = z.output<typeof paperOptionsSchema>;

export const dimenetOptions = ({ encoder, hiddenWidth }: PaperOptions): DimenetOptions => ({
  ...encoder,
  features: hiddenWidth,
});

export const gemnetOptions = ({ decoder, latentDimension }: PaperOptions): GemNetOptions => ({
  ...decoder,
  latentDimension,
});
