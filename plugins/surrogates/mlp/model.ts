import { LcomsError } from '../../../schemas/errors.js';
import type { SurrogateModel } from '../../contract/surrogate.js';
import { predict } from './predict.js';
import { readWeights } from './weights-file.js';

/** The trained model, from the blobs of its training. */
export function loadEnergyModel(blobs: ReadonlyMap<string, Uint8Array>): SurrogateModel {
  const { network, scale } = readWeights(blobs);
  const { dimension } = network.shape;
  const check = (z: Float32Array): void => {
    if (z.length % dimension === 0) return;
    throw new LcomsError('LCOMS_E_INPUT', `${z.length} numbers are not whole latents of dimension ${dimension}`);
  };
  return {
    dimension,
    scale,
    async energies(z) {
      check(z);
      return (await predict(network, z, { gradients: false })).energies;
    },
    async gradients(z) {
      check(z);
      return predict(network, z, { gradients: true });
    },
    dispose: () => network.dispose(),
  };
}
