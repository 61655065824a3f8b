import { latentSpace, rawLatents, standardiseLatents } from '../../lib/search/latent-space.js';
import type { Optimizer } from '../../plugins/contract/optimizer.js';
import type { SurrogateModel } from '../../plugins/contract/surrogate.js';
import { askSurrogate } from '../steps/ask-surrogate.js';

/**
 * Walks raw latents (k x d) downhill on the surrogate, all of them together.
 * @param reference raw training latents, m x d; the starts themselves span the space when there are none
 * @returns raw latents, k x d, in the order of the starts
 * @throws the signal's reason when aborted
 */
export async function walkDownhill(
  optimizer: Optimizer,
  surrogate: SurrogateModel,
  reference: Float32Array,
  starts: Float32Array,
  signal: AbortSignal,
): Promise<Float32Array> {
  const space = latentSpace(reference.length > 0 ? reference : starts, surrogate.scale);
  const search = optimizer.start(space, standardiseLatents(starts, surrogate.scale));
  for (let ask = search.ask(); ask !== null; ask = search.ask()) {
    signal.throwIfAborted();
    search.tell(await askSurrogate(surrogate, ask));
  }
  return rawLatents(search.result().points, surrogate.scale);
}
