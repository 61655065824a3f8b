import type { StepFunction } from './context.js';
import { readDataset, readOffMinima } from './dataset-artifact.js';
import { encodeInChunks } from './encode-in-chunks.js';
import { OFF_MINIMA_MATRICES, writeLatents } from './latents-artifact.js';
import { loadEncoder } from './models.js';

/** Latents (means) of every training and validation crystal; those off the minima in matrices of their own. */
export const encodeData: StepFunction = async (context) => {
  const { train, validation } = await readDataset(context, context.input('data'));
  const off = await readOffMinima(context, context.input('data'));
  const model = await loadEncoder(context, 'encoder');
  try {
    const all = await encodeInChunks(context, model, [...train, ...validation]);
    const cut = train.length * model.dimension;
    const matrices: Record<string, Float32Array> = { train: all.slice(0, cut), validation: all.slice(cut) };
    for (const split of ['train', 'validation'] as const) {
      // Searches measure distances to `train`: it stays that of the minima, and so do its bytes.
      if (off[split].length > 0)
        matrices[OFF_MINIMA_MATRICES[split]] = await encodeInChunks(context, model, off[split]);
    }
    return {
      blobs: [writeLatents({ dimension: model.dimension, matrices })],
      metrics: {
        dimension: model.dimension,
        train: train.length,
        ...(off.train.length > 0 && { offTrain: off.train.length }),
      },
    };
  } finally {
    model.dispose();
  }
};
