import type { Kernels } from './kernels.js';
import type { NativeBackend, OpAttribute } from './tensorflow-binding.js';
import type { tf } from './tf.js';

type T = tf.Tensor;

/** {@link Kernels} as single calls of the TensorFlow library, with attributes and axes made once. */
export class NativeKernels implements Kernels {
  private readonly float: OpAttribute[];
  private readonly products: OpAttribute[][];
  private readonly reduction: Record<'drop' | 'keep', OpAttribute[]>;
  private readonly reshaping: OpAttribute[];
  /** One-element integer tensors of the library, never freed: there are as many as axes. */
  private readonly axes = new Map<number, { scalar: number; list: number }>();
  private readonly numbers = new Map<number, number>();

  constructor(readonly backend: NativeBackend) {
    const { TF_FLOAT, TF_INT32, TF_ATTR_TYPE, TF_ATTR_BOOL } = backend.binding;
    const flag = (name: string, value: boolean): OpAttribute => ({ name, type: TF_ATTR_BOOL, value });
    const type = (name: string, value: number): OpAttribute => ({ name, type: TF_ATTR_TYPE, value });
    this.float = [type('T', TF_FLOAT)];
    this.products = [0, 1, 2, 3].map((at) => [...this.float, flag('adj_x', at >= 2), flag('adj_y', at % 2 === 1)]);
    const index = type('Tidx', TF_INT32);
    this.reduction = {
      drop: [...this.float, index, flag('keep_dims', false)],
      keep: [...this.float, index, flag('keep_dims', true)],
    };
    this.reshaping = [...this.float, type('Tshape', TF_INT32)];
  }

  private run(name: string, attributes: OpAttribute[], tensors: readonly T[], ...more: number[]): T {
    const { backend } = this;
    const inputs = backend.getInputTensorIds(tensors);
    inputs.push(...more);
    return backend.createOutputTensor(backend.binding.executeOp(name, attributes, inputs, 1)[0] as { id: number });
  }

  /** Runs with an integer tensor made for this call. */
  private withIntegers<R>(values: readonly number[], use: (id: number) => R): R {
    const { binding } = this.backend;
    const id = binding.createTensor([values.length], binding.TF_INT32, Int32Array.from(values));
    const result = use(id);
    binding.deleteTensor(id);
    return result;
  }

  private axis(axis: number): { scalar: number; list: number } {
    const known = this.axes.get(axis);
    if (known) return known;
    const { binding } = this.backend;
    const make = (shape: number[]) => binding.createTensor(shape, binding.TF_INT32, Int32Array.of(axis));
    const made = { scalar: make([]), list: make([1]) };
    this.axes.set(axis, made);
    return made;
  }

  /** A constant of the caller's code, kept. */
  private number(value: number): number {
    const known = this.numbers.get(value);
    if (known !== undefined) return known;
    const { binding } = this.backend;
    const made = binding.createTensor([], binding.TF_FLOAT, Float32Array.of(value));
    this.numbers.set(value, made);
    return made;
  }

  matMul(a: T, b: T, transposeA = false, transposeB = false): T {
    const attributes = this.products[(transposeA ? 2 : 0) + (transposeB ? 1 : 0)] as OpAttribute[];
    return this.run('BatchMatMulV2', attributes, [a, b]);
  }

  add = (a: T, b: T): T => this.run('AddV2', this.float, [a, b]);
  sub = (a: T, b: T): T => this.run('Sub', this.float, [a, b]);
  mul = (a: T, b: T): T => this.run('Mul', this.float, [a, b]);
  div = (a: T, b: T): T => this.run('RealDiv', this.float, [a, b]);
  sigmoid = (x: T): T => this.run('Sigmoid', this.float, [x]);
  square = (x: T): T => this.run('Square', this.float, [x]);
  sqrt = (x: T): T => this.run('Sqrt', this.float, [x]);
  rsqrt = (x: T): T => this.run('Rsqrt', this.float, [x]);

  addNumber = (x: T, number: number): T => this.run('AddV2', this.float, [x], this.number(number));
  halfSquares = (x: T): T => this.run('L2Loss', this.float, [x]);
  clip = (x: T, limit: number): T => this.run('ClipByValue', this.float, [x], this.number(-limit), this.number(limit));

  sum = (x: T, axis: number): T => this.run('Sum', this.reduction.drop, [x], this.axis(axis).list);
  mean = (x: T, axis: number): T => this.run('Mean', this.reduction.keep, [x], this.axis(axis).list);

  reshape(x: T, shape: readonly number[]): T {
    return this.withIntegers(shape, (id) => this.run('Reshape', this.reshaping, [x], id));
  }

  concat(parts: readonly T[], axis: number): T {
    const { binding } = this.backend;
    const attributes = [
      ...this.float,
      { name: 'N', type: binding.TF_ATTR_INT, value: parts.length },
      { name: 'Tidx', type: binding.TF_ATTR_TYPE, value: binding.TF_INT32 },
    ];
    return this.run('ConcatV2', attributes, parts, this.axis(axis).scalar);
  }

  split(x: T, sizes: readonly number[], axis: number): T[] {
    const { backend } = this;
    const { binding } = backend;
    const attributes = [
      { name: 'num_split', type: binding.TF_ATTR_INT, value: sizes.length },
      ...this.float,
      { name: 'Tlen', type: binding.TF_ATTR_TYPE, value: binding.TF_INT32 },
    ];
    return this.withIntegers(sizes, (id) => {
      const inputs = [...backend.getInputTensorIds([x]), id, this.axis(axis).scalar];
      return binding
        .executeOp('SplitV', attributes, inputs, sizes.length)
        .map((made) => backend.createOutputTensor(made));
    });
  }
}
