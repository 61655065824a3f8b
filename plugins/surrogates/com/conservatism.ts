import { tf } from '../../../lib/tensor/tf.js';
import type { EnergyNetwork, ForwardPass } from '../mlp/network.js';
import type { Penalty } from '../mlp/penalty.js';
import type { DualVariable } from './dual-variable.js';

/** The penalty of a conservative objective model: descent from the data must not look better than tau. */
export class Conservatism implements Penalty {
  constructor(
    private readonly dual: DualVariable,
    /** Step of the adversary in standardised latents; the search takes the same. */
    private readonly eta: number,
    /** Its steps, K_train, 1 or more. */
    private readonly steps: number,
  ) {}

  get weight(): number {
    return this.dual.alpha;
  }

  /** The rows after gradient descent on E, each down its own gradient (that of the sum over the batch). */
  adversary(network: EnergyNetwork, pass: ForwardPass, deltas: tf.Tensor2D[]): tf.Tensor2D {
    let z = this.descend(pass.inputs[0] as tf.Tensor2D, network.latentGradients(deltas));
    for (let k = 1; k < this.steps; k++) {
      const from = z;
      z = tf.tidy(() => {
        const gradients = network.latentGradients(network.backward(network.forward(from)));
        return this.descend(from, gradients);
      });
    }
    return z;
  }

  update(over: number): void {
    this.dual.update(over);
  }

  state(): Record<string, number> {
    return this.dual.state();
  }

  restore(state: Record<string, number>): void {
    this.dual.restore(state);
  }

  /** Rows z (n x d, or n x (d + m) with compositions, which stay) moved down the gradients of their latents (n x d). */
  private descend(z: tf.Tensor2D, gradients: tf.Tensor2D): tf.Tensor2D {
    const step = tf.mul<tf.Tensor2D>(gradients, this.eta);
    const beside = z.shape[1] - gradients.shape[1];
    const whole =
      beside === 0
        ? step
        : tf.pad<tf.Tensor2D>(step, [
            [0, 0],
            [0, beside],
          ]);
    return tf.sub<tf.Tensor2D>(z, whole);
  }
}
