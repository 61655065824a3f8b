import type { BackendWasm } from '@tensorflow/tfjs-backend-wasm';
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
    const buffers = openBuffers(this.variable, gradient);
    const { values, g, next } = buffers;
    const { first, second } = this;
    const { beta1, beta2 } = this.decay;
    for (let i = 0; i < next.length; i++) {
      const gi = g[i] as number;
      const m = beta1 * (first[i] as number) + (1 - beta1) * gi;
      const v = beta2 * (second[i] as number) + (1 - beta2) * gi * gi;
      first[i] = m;
      second[i] = v;
      next[i] = (values[i] as number) - (rate * m) / (Math.sqrt(v) + epsilon);
    }
    const updated = buffers.close();
    this.variable.assign(updated);
    updated.dispose();
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

/** The numbers of a variable, of its gradient, and room for the updated ones, which `close` makes a tensor. */
interface UpdateBuffers {
  values: Float32Array;
  g: Float32Array;
  next: Float32Array;
  close(): tf.Tensor;
}

/** On wasm these are views of its heap, so that nothing is copied. A new tensor each time: products are cached by it. */
function openBuffers(variable: tf.Variable, gradient: tf.Tensor): UpdateBuffers {
  if (tf.getBackend() === 'wasm') {
    const heap = tf.backend() as unknown as BackendWasm;
    const made = heap.makeOutput(variable.shape, 'float32');
    // Views last: makeOutput may grow the heap, which detaches older ones.
    const [values, g, next] = [variable, gradient, made].map((t) => heap.typedArrayFromHeap(t) as Float32Array);
    const close = () => tf.engine().makeTensorFromTensorInfo(made);
    return { values: values as Float32Array, g: g as Float32Array, next: next as Float32Array, close };
  }
  const next = new Float32Array(variable.size);
  const close = () => tf.tensor(next, variable.shape, 'float32');
  return { values: variable.dataSync() as Float32Array, g: gradient.dataSync() as Float32Array, next, close };
}
