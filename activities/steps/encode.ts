import type { Crystal } from '../../schemas/crystal.js';
import type { StepFunction } from './context.js';
import { readRows } from './dataset-artifact.js';
import { encodeInChunks } from './encode-in-chunks.js';
import { writeLatents } from './latents-artifact.js';
import { loadEncoder } from './models.js';

/** Latents (means) of the starts of one compound. */
export const encode: StepFunction = async (context) => {
  const crystals = await readRows<Crystal>(context, context.input('crystals'), 'crystals.jsonl');
  const model = await loadEncoder(context, 'encoder');
  try {
    const latents = await encodeInChunks(context, model, crystals);
    return {
      blobs: [writeLatents({ dimension: model.dimension, matrices: { latents } })],
      metrics: { crystals: crystals.length },
    };
  } finally {
    model.dispose();
  }
};
