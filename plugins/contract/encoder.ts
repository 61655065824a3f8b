import type { Crystal } from '../../schemas/crystal.js';
import type { NamedBytes } from './context.js';

export interface EncoderTrainingData {
  train: Crystal[];
  validation: Crystal[];
  /** Energy targets standardised on the training split, same order. */
  targets: { train: Float64Array; validation: Float64Array };
}

export interface Trained {
  blobs: NamedBytes[];
  metrics: Record<string, number>;
}

/** A trained encoder-decoder between crystals and latent vectors. */
export interface EncoderModel {
  /** Length d of a latent vector. */
  readonly dimension: number;
  /** Means of the latent distribution: n x d, row-major. */
  encode(crystals: Crystal[]): Promise<Float32Array>;
  /** n crystals from n latent vectors (n x d) and their species. Several tries are several rows. */
  decode(latents: Float32Array, species: string[][]): Promise<Crystal[]>;
  /**
   * The same with a start for the coordinates of each row: the crystal's own, brought to the cell that the encoder sees, plus
   * normal noise (A, standard deviation) that the decoder then takes away. Left out by encoders without such a decoder.
   * @param crystals n crystals, whose species are those of the result
   */
  decodeFrom?(latents: Float32Array, crystals: Crystal[], noise: number): Promise<Crystal[]>;
  /** Calls of the decoder's network so far, each counted once a crystal in it; left out when nobody counts. */
  readonly networkCalls?: number;
  dispose(): void;
}

export interface Encoder {
  /** Trains, or goes on from the newest checkpoint. */
  train(data: EncoderTrainingData): Promise<Trained>;
  load(blobs: ReadonlyMap<string, Uint8Array>): Promise<EncoderModel>;
}
