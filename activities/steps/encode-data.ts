import type { StepFunction } from './context.js';
import { readDataset } from './dataset-artifact.js';
import { encodeInChunks } from './encode-in-chunks.js';
import { writeLatents } from './latents-artifact.js';
import { loadEncoder } from './models.js';

/** Latents (means) of every training and validation crystal. */
export const encodeData: StepFunction = async (context) => {
  const { train, validation } = await readDataset(context, context.input('data'));
  const model = await loadEncoder(context, 'encoder');
  try {
    const all = await encodeInChunks(context, model, [...train, ...validation]);
    const cut = train.length * model.dimension;
    const matrices = { train: all.slice(0, cut), validation: all.slice(cut) };
    return {
      blobs: [writeLatents({ dimension: model.dimension, matrices })],
      metrics: { dimension: model.dimension, train: train.length },
    };
  } finally {
    model.dispose();
  }
};
