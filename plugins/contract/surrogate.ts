import type { Trained } from './encoder.js';

export interface SurrogateTrainingData {
  /** Length d of a latent vector. */
  dimension: number;
  /** Raw latents, n x d, row-major. */
  train: Float32Array;
  validation: Float32Array;
  /** Energy targets, eV/atom, not standardised, same order. */
  targets: { train: Float64Array; validation: Float64Array };
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
  dispose(): void;
}

export interface Surrogate {
  train(data: SurrogateTrainingData): Promise<Trained>;
  load(blobs: ReadonlyMap<string, Uint8Array>): Promise<SurrogateModel>;
}
