import { LcomsError } from '../../../schemas/errors.js';
import type { SurrogateModel } from '../../contract/surrogate.js';
import { besideLatents, elementFractions } from './composition.js';
import { predict } from './predict.js';
import { readWeights } from './weights-file.js';

/** The trained model, from the blobs of its training. */
export function loadEnergyModel(blobs: ReadonlyMap<string, Uint8Array>): SurrogateModel {
  const { network, scale, elements } = readWeights(blobs);
  const { dimension } = network.shape;
  const check = (z: Float32Array): void => {
    if (z.length % dimension === 0) return;
    throw new LcomsError('LCOMS_E_INPUT', `${z.length} numbers are not whole latents of dimension ${dimension}`);
  };
  /** @param rows the network's input rows for some latents */
  const over = (rows: (z: Float32Array) => Float32Array, dispose: () => void): SurrogateModel => ({
    dimension,
    scale,
    async energies(z) {
      check(z);
      return (await predict(network, rows(z), { gradients: false })).energies;
    },
    async gradients(z) {
      check(z);
      return predict(network, rows(z), { gradients: true });
    },
    dispose,
  });
  const dispose = () => network.dispose();
  if (elements === null) return over((z) => z, dispose);
  return {
    ...over(compositionMissing, dispose),
    forComposition(unit) {
      const fractions = elementFractions(unit, elements);
      return over(
        (z) => besideLatents(z, dimension, () => fractions),
        () => undefined,
      );
    },
  };
}

function compositionMissing(): never {
  throw new LcomsError(
    'LCOMS_E_INPUT',
    'this surrogate takes the composition beside the latent: ask it by forComposition',
  );
}
