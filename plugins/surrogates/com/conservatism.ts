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
    let z = this.descend(pass.inputs[0] as tf.Tensor2D, network.inputGradients(deltas));
    for (let k = 1; k < this.steps; k++) {
      const from = z;
      z = tf.tidy(() => {
        const gradients = network.inputGradients(network.backward(network.forward(from)));
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

  private descend(z: tf.Tensor2D, gradients: tf.Tensor2D): tf.Tensor2D {
    return tf.sub<tf.Tensor2D>(z, tf.mul<tf.Tensor2D>(gradients, this.eta));
  }
}
