import type { tf } from '../../../lib/tensor/tf.js';
import type { EnergyNetwork, ForwardPass } from './network.js';

/**
 * What makes a surrogate conservative: loss = mean((E - E_true)^2 + weight * (E - E at the adversary's points)). Without
 * a penalty training is plain regression.
 */
export interface Penalty {
  /** Factor of the over-estimation in the loss: alpha. */
  readonly weight: number;
  /** Input rows that look lower than the n of the pass, moved in their latents; constants for the loss. */
  adversary(network: EnergyNetwork, pass: ForwardPass, deltas: tf.Tensor2D[]): tf.Tensor2D;
  /** Adapts the weight to a batch's mean over-estimation, in standard deviations of the energy. */
  update(over: number): void;
  /** What a checkpoint keeps. */
  state(): Record<string, number>;
  restore(state: Record<string, number>): void;
}
