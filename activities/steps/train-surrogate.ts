import type { StepFunction } from './context.js';
import { readDataset } from './dataset-artifact.js';
import { matrix, readLatents } from './latents-artifact.js';

/** Trains the surrogate plugin on latents and energy targets (eV/atom). */
export const trainSurrogate: StepFunction = async (context) => {
  const { train, validation } = await readDataset(context, context.input('data'));
  const latents = await readLatents(context, context.input('latents'));
  const surrogate = await context.create('surrogate', context.node.plugin);
  return await surrogate.train({
    dimension: latents.dimension,
    train: matrix(latents, 'train'),
    validation: matrix(latents, 'validation'),
    targets: {
      train: Float64Array.from(train, (c) => c.target),
      validation: Float64Array.from(validation, (c) => c.target),
    },
  });
};
