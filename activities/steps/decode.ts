import type { Crystal } from '../../schemas/crystal.js';
import type { StepFunction } from './context.js';
import { readRows } from './dataset-artifact.js';
import { matrix, readLatents } from './latents-artifact.js';
import { loadEncoder } from './models.js';

/** `draws` crystals per optimized latent, in order: try 0 draw 0, try 0 draw 1, ... Species are those of the start. */
export const decode: StepFunction = async (context) => {
  const { draws } = context.node.options as { draws: number };
  const starts = await readRows<Crystal>(context, context.input('crystals'), 'crystals.jsonl');
  const { dimension, matrices } = await readLatents(context, context.input('latents'));
  const latents = matrix({ dimension, matrices }, 'latents');
  const rows = starts.flatMap((_, t) =>
    Array.from({ length: draws }, () => latents.subarray(t * dimension, (t + 1) * dimension)),
  );
  const repeated = new Float32Array(rows.length * dimension);
  for (const [i, row] of rows.entries()) repeated.set(row, i * dimension);
  const model = await loadEncoder(context, 'encoder');
  try {
    const species = starts.flatMap((start) => Array.from({ length: draws }, () => start.species));
    const crystals = await model.decode(repeated, species);
    const bytes = Buffer.from(crystals.map((c) => `${JSON.stringify(c)}\n`).join(''));
    return { blobs: [{ name: 'crystals.jsonl', bytes }], metrics: { crystals: crystals.length, draws } };
  } finally {
    model.dispose();
  }
};
