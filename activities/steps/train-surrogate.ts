import { overStructures } from '../../plugins/contract/surrogate.js';
import type { StepFunction } from './context.js';
import { readDataset } from './dataset-artifact.js';
import { matrix, readLatents } from './latents-artifact.js';

/** Trains the surrogate plugin on energy targets (eV/atom) and latents, or the crystals themselves: whichever it takes. */
export const trainSurrogate: StepFunction = async (context) => {
  const { train, validation } = await readDataset(context, context.input('data'));
  const targets = {
    train: Float64Array.from(train, (c) => c.target),
    validation: Float64Array.from(validation, (c) => c.target),
  };
  const surrogate = await context.create('surrogate', context.node.plugin);
  if (overStructures(surrogate)) return await surrogate.train({ train, validation, targets });
  const latents = await readLatents(context, context.input('latents'));
  return await surrogate.train({
    dimension: latents.dimension,
    train: matrix(latents, 'train'),
    validation: matrix(latents, 'validation'),
    targets,
  });
};
