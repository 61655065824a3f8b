import { LcomsError } from '../../schemas/errors.js';
import type { Rng } from '../random/rng.js';
import { type DenseInit, uniformValues, weightLimit } from './initializers.js';
import { type Dense, layerNorm, linear } from './linear.js';
import type { NamedTensors } from './safetensors.js';
import { tf } from './tf.js';

export type { Dense } from './linear.js';

/** Value of a loss and its gradient for every parameter that it depends on, by name. */
export interface LossAndGradients {
  loss: tf.Scalar;
  gradients: Map<string, tf.Tensor>;
}

/**
 * The parameters of a model: named, in the order of creation. Each draws its initial values from its own stream of
 * `rng`, chosen by name, so that a layer more leaves the others as they were.
 *
 *     const p = new Parameters(rng);
 *     const hidden = p.dense('hidden', 64, 2048, { init: 'kaiming' });
 *     const out = p.dense('out', 2048, 1);
 *     const predict = (x: tf.Tensor2D) => out(leakyRelu(hidden(x)));
 */
export class Parameters {
  private readonly variables = new Map<string, tf.Variable>();

  constructor(private readonly rng: Rng) {}

  /** A float32 parameter with the given values. Throws LCOMS_E_INPUT when the name is taken. */
  add<R extends tf.Rank = tf.Rank>(name: string, shape: number[], values: Float32Array): tf.Variable<R> {
    if (this.variables.has(name)) throw new LcomsError('LCOMS_E_INPUT', `the parameter "${name}" exists already`);
    const start = tf.tensor(values, shape, 'float32');
    const variable = tf.variable(start, true) as tf.Variable;
    start.dispose();
    this.variables.set(name, variable);
    return variable as tf.Variable<R>;
  }

  /** `NAME.weight` [in, out] and, unless `bias` is false, `NAME.bias` [out]. `init` is `torch` by default. */
  dense(name: string, inputs: number, outputs: number, options: { init?: DenseInit; bias?: boolean } = {}): Dense {
    const { init = 'torch', bias: withBias = true } = options;
    const limit = weightLimit(init, inputs, outputs);
    const weights = uniformValues(this.rng.fork(`${name}.weight`), inputs * outputs, limit);
    const weight = this.add<tf.Rank.R2>(`${name}.weight`, [inputs, outputs], weights);
    const biases = uniformValues(this.rng.fork(`${name}.bias`), outputs, init === 'torch' ? limit : 0);
    const bias = withBias ? this.add<tf.Rank.R1>(`${name}.bias`, [outputs], biases) : null;
    return Object.assign((x: tf.Tensor2D) => linear(x, weight, bias), { weight, bias });
  }

  /** `NAME.weight` [n, width] of standard normal deviates: one row an index, for gatherRows. */
  embedding(name: string, n: number, width: number): tf.Variable<tf.Rank.R2> {
    const values = new Float32Array(n * width);
    this.rng.fork(`${name}.weight`).fillNormal(values);
    return this.add<tf.Rank.R2>(`${name}.weight`, [n, width], values);
  }

  /** `NAME.weight` (ones) and `NAME.bias` (zeros) [width]; call the result on [rows, width]. */
  layerNorm(name: string, width: number, epsilon = 1e-5): (x: tf.Tensor2D) => tf.Tensor2D {
    const scale = this.add<tf.Rank.R1>(`${name}.weight`, [width], new Float32Array(width).fill(1));
    const shift = this.add<tf.Rank.R1>(`${name}.bias`, [width], new Float32Array(width));
    return (x) => layerNorm(x, scale, shift, epsilon);
  }

  get(name: string): tf.Variable {
    const variable = this.variables.get(name);
    if (variable) return variable;
    throw new LcomsError('LCOMS_E_INPUT', `no parameter is called "${name}"; there are ${this.names().join(', ')}`);
  }

  names(): string[] {
    return [...this.variables.keys()];
  }

  entries(): IterableIterator<[string, tf.Variable]> {
    return this.variables.entries();
  }

  /** Number of trainable numbers. */
  get size(): number {
    return [...this.variables.values()].reduce((sum, v) => sum + v.size, 0);
  }

  /** Evaluates `loss` and its gradients. The caller disposes of both; parameters without influence have no entry. */
  gradients(loss: () => tf.Scalar): LossAndGradients {
    const { value, grads } = tf.variableGrads(loss, [...this.variables.values()]);
    const gradients = new Map<string, tf.Tensor>();
    for (const [name, variable] of this.variables) {
      const gradient = grads[variable.name];
      if (gradient) gradients.set(name, gradient as tf.Tensor);
    }
    return { loss: value, gradients };
  }

  /** Copies of all values. */
  save(): NamedTensors {
    const tensors: NamedTensors = {};
    for (const [name, v] of this.variables) {
      tensors[name] = { shape: [...v.shape], data: Float32Array.from(v.dataSync() as Float32Array) };
    }
    return tensors;
  }

  /** Sets all values. Throws LCOMS_E_CHECKPOINT_INCOMPATIBLE, changing nothing, when names or shapes differ. */
  load(tensors: NamedTensors): void {
    checkTensors(tensors, new Map([...this.variables].map(([name, v]) => [name, v.shape])));
    for (const [name, variable] of this.variables) {
      const { shape, data } = tensors[name] as NamedTensors[string];
      const value = tf.tensor(Float32Array.from(data), shape, 'float32');
      variable.assign(value);
      value.dispose();
    }
  }

  dispose(): void {
    for (const variable of this.variables.values()) variable.dispose();
    this.variables.clear();
  }
}

/** Throws LCOMS_E_CHECKPOINT_INCOMPATIBLE, with all differences, unless `tensors` has exactly the wanted shapes. */
export function checkTensors(tensors: NamedTensors, wanted: ReadonlyMap<string, readonly number[]>): void {
  const problems: string[] = [];
  for (const [name, shape] of wanted) {
    const found = tensors[name];
    if (!found) problems.push(`${name} is missing`);
    else if (String(found.shape) !== String(shape)) problems.push(`${name} is [${found.shape}], wanted [${shape}]`);
  }
  for (const name of Object.keys(tensors)) if (!wanted.has(name)) problems.push(`${name} is not a part of this model`);
  if (problems.length === 0) return;
  throw new LcomsError('LCOMS_E_CHECKPOINT_INCOMPATIBLE', `the checkpoint does not fit: ${problems.join('; ')}`);
}
