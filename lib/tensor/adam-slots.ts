import { tf } from './tf.js';

/** Numbers that change with every step, computed in double precision. */
export interface AdamStep {
  /** Learning rate with both bias corrections folded in. */
  rate: number;
  /** Epsilon with the second moment's bias correction folded in. */
  epsilon: number;
}

/** First and second moments of one parameter and the update that uses them. */
export interface AdamSlots {
  /** Updates moments and variable in place. */
  apply(gradient: tf.Tensor, step: AdamStep): void;
  /** Copies of the moments. */
  read(): { first: Float32Array; second: Float32Array };
  write(first: Float32Array, second: Float32Array): void;
  dispose(): void;
}

/** Decay rates of the moments. */
export interface AdamDecay {
  beta1: number;
  beta2: number;
}

/**
 * Moments in typed arrays, for backends without a fused update. The variable gets a new tensor each step, so tensors
 * that were cloned from it keep their values.
 */
export class HostSlots implements AdamSlots {
  private first: Float32Array;
  private second: Float32Array;

  constructor(
    private readonly variable: tf.Variable,
    private readonly decay: AdamDecay,
  ) {
    this.first = new Float32Array(variable.size);
    this.second = new Float32Array(variable.size);
  }

  apply(gradient: tf.Tensor, { rate, epsilon }: AdamStep): void {
    const g = gradient.dataSync() as Float32Array;
    const values = Float32Array.from(this.variable.dataSync() as Float32Array);
    const { first, second } = this;
    const { beta1, beta2 } = this.decay;
    for (let i = 0; i < values.length; i++) {
      const gi = g[i] as number;
      const m = beta1 * (first[i] as number) + (1 - beta1) * gi;
      const v = beta2 * (second[i] as number) + (1 - beta2) * gi * gi;
      first[i] = m;
      second[i] = v;
      values[i] = (values[i] as number) - (rate * m) / (Math.sqrt(v) + epsilon);
    }
    const next = tf.tensor(values, this.variable.shape, 'float32');
    this.variable.assign(next);
    next.dispose();
  }

  read(): { first: Float32Array; second: Float32Array } {
    return { first: this.first.slice(), second: this.second.slice() };
  }

  write(first: Float32Array, second: Float32Array): void {
    this.first = Float32Array.from(first);
    this.second = Float32Array.from(second);
  }

  dispose(): void {
    this.first = new Float32Array(0);
    this.second = new Float32Array(0);
  }
}
