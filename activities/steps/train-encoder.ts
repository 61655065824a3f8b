import type { StepFunction } from './context.js';
import { readDataset } from './dataset-artifact.js';

/** Trains the encoder plugin on the prepared crystals; its energy head sees standardised targets. */
export const trainEncoder: StepFunction = async (context) => {
  const { info, train, validation } = await readDataset(context, context.input('data'));
  const standardise = (rows: { target: number }[]) =>
    Float64Array.from(rows, (r) => (r.target - info.targetMean) / info.targetStd);
  const encoder = await context.create('encoder', context.node.plugin);
  return await encoder.train({
    train,
    validation,
    targets: { train: standardise(train), validation: standardise(validation) },
  });
};
