import type { SurrogateTrainingData } from '../../contract/surrogate.js';
import { trainedElements } from './composition.js';
import type { MlpOptions } from './options.js';
import { fitScale, type Scale } from './standardise.js';

/** What a network takes from its training rows beside its weights. */
export interface Fitted {
  scale: Scale;
  /** Of the composition that stands beside the latent, in the order of the input; null for the latent alone. */
  elements: readonly string[] | null;
}

/** @throws LcomsError as fitScale and, with `composition`, trainedElements */
export const fit = (data: SurrogateTrainingData, { composition }: Pick<MlpOptions, 'composition'>): Fitted => ({
  scale: fitScale(data),
  elements: composition ? trainedElements(data) : null,
});
