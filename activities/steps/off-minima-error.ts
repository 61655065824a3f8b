import { compositionOf } from '../../lib/crystal/composition.js';
import { standardiseLatents } from '../../lib/search/latent-space.js';
import { forCompound, type StructureModel, type SurrogateModel } from '../../plugins/contract/surrogate.js';
import { LcomsError } from '../../schemas/errors.js';
import type { PreparedCrystal } from './dataset-artifact.js';

/**
 * Root mean square error, eV/atom, of a surrogate over latents (raw, n x d, a row a crystal). Where it takes the composition: of
 * those whose elements it knows, null where it knows none's. Disposes of it.
 */
export async function latentError(
  model: SurrogateModel,
  latents: Float32Array,
  crystals: readonly PreparedCrystal[],
): Promise<number | null> {
  try {
    const { energyMean, energyStd } = model.scale;
    const z = standardiseLatents(latents, model.scale);
    const energies = model.forComposition ? await oneByOne(model, z, crystals) : await model.energies(z);
    const errors = crystals.map(({ target }, i) => (energies[i] as number) * energyStd + energyMean - target);
    const known = model.forComposition ? errors.filter((error) => !Number.isNaN(error)) : errors;
    return known.length === 0 ? null : rootMeanSquare(known);
  } finally {
    model.dispose();
  }
}

/** Energies of a model that takes the composition, NaN where it has not seen an element. */
async function oneByOne(
  model: SurrogateModel,
  z: Float32Array,
  crystals: readonly PreparedCrystal[],
): Promise<Float32Array> {
  const d = model.dimension;
  const energies = new Float32Array(crystals.length).fill(Number.NaN);
  for (const [row, { species }] of crystals.entries()) {
    try {
      const own = forCompound(model, compositionOf(species));
      energies.set(await own.energies(z.slice(row * d, (row + 1) * d)), row);
    } catch (error) {
      if (!(error instanceof LcomsError && error.code === 'LCOMS_E_ELEMENT_UNKNOWN')) throw error;
    }
  }
  return energies;
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
