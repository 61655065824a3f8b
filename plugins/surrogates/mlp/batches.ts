import type { Rng } from '../../../lib/random/rng.js';
import { tf } from '../../../lib/tensor/tf.js';
import type { Batch } from './training-step.js';

/** Standardised rows in random order, drawn anew for each epoch from a stream of its own: a position is all its state. */
export class Batches {
  private readonly indices: number[];

  constructor(
    private readonly z: Float32Array,
    private readonly energies: Float32Array,
    private readonly dimension: number,
    private readonly size: number,
    private readonly rng: Rng,
    /** Of a network with a second output: its standardised targets, and the weight of its error. */
    private readonly formation: { energies: Float32Array; weight: number } | null = null,
  ) {
    this.indices = Array.from(energies, (_, i) => i);
  }

  /** Batches in an epoch. */
  get count(): number {
    return Math.ceil(this.indices.length / this.size);
  }

  /** Row numbers of the batches of an epoch, in order. */
  epoch(epoch: number): number[][] {
    const order = this.rng.fork(`epoch-${epoch}`).shuffle(this.indices);
    return Array.from({ length: this.count }, (_, b) => order.slice(b * this.size, (b + 1) * this.size));
  }

  /** The tensors of some rows; the caller disposes of them. */
  tensors(rows: readonly number[]): Batch {
    const d = this.dimension;
    const z = new Float32Array(rows.length * d);
    rows.forEach((row, i) => {
      z.set(this.z.subarray(row * d, (row + 1) * d), i * d);
    });
    const column = (of: Float32Array) =>
      tf.tensor2d(
        Float32Array.from(rows, (row) => of[row] as number),
        [rows.length, 1],
      );
    const { formation } = this;
    return {
      z: tf.tensor2d(z, [rows.length, d]),
      energies: column(this.energies),
      ...(formation && { formation: { energies: column(formation.energies), weight: formation.weight } }),
    };
  }
}
