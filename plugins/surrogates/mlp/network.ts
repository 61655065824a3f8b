import type { Rng } from '../../../lib/random/rng.js';
import { type Dense, Parameters } from '../../../lib/tensor/parameters.js';
import { tf } from '../../../lib/tensor/tf.js';

export interface NetworkShape {
  /** Length d of the latent. */
  dimension: number;
  width: number;
  depth: number;
  /** Of the leaky ReLU below zero. */
  slope: number;
  /** Length m of the composition that stands beside the latent in the input; left out for none. */
  composition?: number;
}

/** An output: the energy that searches descend, or the formation energy that training may learn beside it. */
type Head = 'energy' | 'formation';

/** What a forward pass over n rows leaves for the backward one. */
export interface ForwardPass {
  /** n x 1. */
  energies: tf.Tensor2D;
  /** Input of every layer: z, then the activations of the hidden layers. */
  inputs: tf.Tensor2D[];
  /** Derivative of the activation of every hidden layer, n x width: 1 or the slope. */
  slopes: tf.Tensor2D[];
}

/**
 * MLP from a latent, and perhaps a composition, to a standardised energy, leaky ReLU between dense layers (the objective model of Trabucco et al.
 * 2021). Backward passes are written out: dE/d(layer) of each row, taken once, serves the gradient with respect to the
 * input and, scaled per row, that of any loss with respect to the weights; automatic differentiation would take it anew.
 * Tensors belong to the tidy of the caller.
 */
export class EnergyNetwork {
  readonly parameters: Parameters;
  private readonly layers: Dense[];
  private readonly heads: Partial<Record<Head, Dense>>;

  constructor(
    readonly shape: NetworkShape,
    rng: Rng,
    /** Has a second output, of the last hidden layer too, which training alone asks. */
    readonly withFormation = false,
  ) {
    const { width, depth } = shape;
    this.parameters = new Parameters(rng);
    this.layers = Array.from({ length: depth }, (_, i) =>
      this.parameters.dense(`hidden-${i}`, i === 0 ? this.inputs : width, width, { init: 'glorot' }),
    );
    this.heads = { energy: this.parameters.dense('energy', width, 1, { init: 'glorot' }) };
    if (withFormation) this.heads.formation = this.parameters.dense('formation', width, 1, { init: 'glorot' });
  }

  /** Length of an input row: d + m. */
  get inputs(): number {
    return this.shape.dimension + (this.shape.composition ?? 0);
  }

  /** z: n x (d + m). */
  forward(z: tf.Tensor2D): ForwardPass {
    const inputs = [z];
    const slopes: tf.Tensor2D[] = [];
    for (const layer of this.layers) {
      const sum = layer(inputs.at(-1) as tf.Tensor2D);
      inputs.push(tf.leakyRelu(sum, this.shape.slope));
      slopes.push(tf.step(sum, this.shape.slope));
    }
    return { energies: this.head('energy')(inputs.at(-1) as tf.Tensor2D), inputs, slopes };
  }

  /** The second output, n x 1. */
  formation({ inputs }: ForwardPass): tf.Tensor2D {
    return this.head('formation')(inputs.at(-1) as tf.Tensor2D);
  }

  /** dE/d(sum of hidden layer i) of each row, n x width, for every i; E is what the head gives. */
  backward({ slopes }: ForwardPass, head: Head = 'energy'): tf.Tensor2D[] {
    const deltas: tf.Tensor2D[] = [];
    let upstream: tf.Tensor2D = tf.transpose(this.head(head).weight);
    for (let i = slopes.length - 1; i >= 0; i--) {
      const delta = tf.mul<tf.Tensor2D>(upstream, slopes[i] as tf.Tensor2D);
      deltas.unshift(delta);
      if (i > 0) upstream = tf.matMul(delta, this.layerAt(i).weight, false, true);
    }
    return deltas;
  }

  /** dE/dz of each row with respect to the latent, n x d. */
  latentGradients(deltas: tf.Tensor2D[]): tf.Tensor2D {
    const { dimension, composition, width } = this.shape;
    const { weight } = this.layerAt(0);
    const own = composition === undefined ? weight : tf.slice(weight, [0, 0], [dimension, width]);
    return tf.matMul(deltas[0] as tf.Tensor2D, own, false, true);
  }

  /**
   * Gradients of sum_i c_i E_i, E what the head gives, over all parameters but the other head's, by name.
   * @param inputs of the layers, from the forward pass
   * @param deltas from the backward pass
   * @param coefficients c, n x 1
   */
  weightGradients(
    inputs: tf.Tensor2D[],
    deltas: tf.Tensor2D[],
    coefficients: tf.Tensor2D,
    head: Head = 'energy',
  ): Map<string, tf.Tensor> {
    const gradients = new Map<string, tf.Tensor>();
    [...deltas.map((delta) => tf.mul<tf.Tensor2D>(delta, coefficients)), coefficients].forEach((delta, i) => {
      const name = i === deltas.length ? head : `hidden-${i}`;
      gradients.set(`${name}.weight`, tf.matMul(inputs[i] as tf.Tensor2D, delta, true, false));
      gradients.set(`${name}.bias`, tf.sum(delta, 0));
    });
    return gradients;
  }

  dispose(): void {
    this.parameters.dispose();
  }

  private layerAt(i: number): Dense {
    return this.layers[i] as Dense;
  }

  private head(name: Head): Dense {
    return this.heads[name] as Dense;
  }
}

/** Tensors of equal width, pair by pair, one below the other. */
export function joinRows(a: tf.Tensor2D[], b: tf.Tensor2D[]): tf.Tensor2D[] {
  return a.map((tensor, i) => tf.concat([tensor, b[i] as tf.Tensor2D], 0));
}
