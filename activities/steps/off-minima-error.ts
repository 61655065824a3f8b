import { standardiseLatents } from '../../lib/search/latent-space.js';
import type { StructureModel, SurrogateModel } from '../../plugins/contract/surrogate.js';
import type { PreparedCrystal } from './dataset-artifact.js';

/** Root mean square error, eV/atom, of a surrogate over latents (raw, n x d, a row a crystal). Disposes of it. */
export async function latentError(
  model: SurrogateModel,
  latents: Float32Array,
  crystals: readonly PreparedCrystal[],
): Promise<number> {
  try {
    const { energyMean, energyStd } = model.scale;
    const energies = await model.energies(standardiseLatents(latents, model.scale));
    return rootMeanSquare(crystals.map(({ target }, i) => (energies[i] as number) * energyStd + energyMean - target));
  } finally {
    model.dispose();
  }
}

/** The same of one over crystals; of those whose elements it knows, null where it knows none's. Disposes of it. */
export async function structureError(
  model: StructureModel,
  crystals: readonly PreparedCrystal[],
): Promise<number | null> {
  try {
    const known = crystals.filter(({ species }) => species.every((s) => model.elements.has(s)));
    if (known.length === 0) return null;
    const energies = await model.energies(known);
    return rootMeanSquare(known.map(({ target }, i) => (energies[i] as number) - target));
  } finally {
    model.dispose();
  }
}

const rootMeanSquare = (errors: readonly number[]): number =>
  Math.sqrt(errors.reduce((sum, e) => sum + e * e, 0) / errors.length);
