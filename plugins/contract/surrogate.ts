import type { EvaluateMany } from '../../lib/scoring/evaluation.js';
import type { Composition, Crystal } from '../../schemas/crystal.js';
import type { Trained } from './encoder.js';

export interface SurrogateTrainingData {
  /** Length d of a latent vector. */
  dimension: number;
  /** Raw latents, n x d, row-major. */
  train: Float32Array;
  validation: Float32Array;
  /** Energy targets, eV/atom, not standardised, same order. */
  targets: { train: Float64Array; validation: Float64Array };
  /** What the rows are made of, same order, for surrogates that take it beside the latent. Steps give it always. */
  compositions?: { train: Composition[]; validation: Composition[] };
  /** Where the targets are energies above the lowest of the composition: formation energies of the training rows, eV/atom. */
  formation?: Float64Array;
}

/**
 * An energy model over latents. Its coordinates are standardised latents, z = (raw - mean) / std, and its energies are
 * standardised too: `scale` converts.
 */
export interface SurrogateModel {
  readonly dimension: number;
  readonly scale: {
    latentMean: Float32Array;
    latentStd: Float32Array;
    /** eV/atom. */
    energyMean: number;
    energyStd: number;
  };
  /** Standardised energies of n standardised latents (n x d). */
  energies(z: Float32Array): Promise<Float32Array>;
  /** Also dE/dz, n x d; the gradient of each row depends on that row alone. */
  gradients(z: Float32Array): Promise<{ energies: Float32Array; gradients: Float32Array }>;
  /**
   * Of a model that takes the composition beside the latent: the same model for latents of crystals of one composition, which
   * lives as long as this one. Such a model answers by {@link forCompound} alone.
   * @throws LcomsError LCOMS_E_ELEMENT_UNKNOWN for an element that it has not seen in training
   */
  forComposition?(unit: Composition): SurrogateModel;
  dispose(): void;
}

/** The model to ask about latents of one compound. It is not disposed of on its own. */
export const forCompound = (model: SurrogateModel, unit: Composition): SurrogateModel =>
  model.forComposition?.(unit) ?? model;

/** What most surrogates are: over the latents of an encoder. */
export interface Surrogate {
  readonly input?: 'latent';
  train(data: SurrogateTrainingData): Promise<Trained>;
  load(blobs: ReadonlyMap<string, Uint8Array>): Promise<SurrogateModel>;
}

export interface StructureTrainingData {
  train: Crystal[];
  validation: Crystal[];
  /** Energy targets, eV/atom, not standardised, same order. */
  targets: { train: Float64Array; validation: Float64Array };
}

/** An energy model over crystals. */
export interface StructureModel {
  /** Elements that it has seen in training. */
  readonly elements: ReadonlySet<string>;
  /**
   * Energy of each crystal, eV/atom, on the scale of the targets; the same in any cell that describes the crystal.
   * @throws LcomsError LCOMS_E_ELEMENT_UNKNOWN for an element outside of `elements`
   */
  energies(crystals: Crystal[]): Promise<Float64Array>;
  /** With forces and stress, for relaxations; left out by a model that has no gradients. */
  evaluate?: EvaluateMany;
  dispose(): void;
}

/** An energy model for searches over structures. Its plugin says so at plan time too: `capabilities: {input: 'structure'}`. */
export interface StructureSurrogate {
  readonly input: 'structure';
  train(data: StructureTrainingData): Promise<Trained>;
  load(blobs: ReadonlyMap<string, Uint8Array>): Promise<StructureModel>;
}

/** Whether a surrogate is one over crystals. */
export const overStructures = (surrogate: Surrogate | StructureSurrogate): surrogate is StructureSurrogate =>
  surrogate.input === 'structure';
