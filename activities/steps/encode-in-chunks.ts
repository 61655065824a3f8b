import type { EncoderModel } from '../../plugins/contract/encoder.js';
import type { Crystal } from '../../schemas/crystal.js';
import type { StepContext } from './context.js';

const CHUNK = 256;

/** Encodes any number of crystals, with progress and room for cancellation. n x d, row-major. */
export async function encodeInChunks(
  context: StepContext,
  model: EncoderModel,
  crystals: Crystal[],
): Promise<Float32Array> {
  const out = new Float32Array(crystals.length * model.dimension);
  for (let i = 0; i < crystals.length; i += CHUNK) {
    context.tick({ done: i, total: crystals.length, unit: 'crystals' });
    context.signal.throwIfAborted();
    out.set(await model.encode(crystals.slice(i, i + CHUNK)), i * model.dimension);
  }
  return out;
}
