import type { Kernels, Value } from './kernels.js';
import type { MadeTensor, NativeBackend, OpAttribute } from './tensorflow-binding.js';
import type { tf } from './tf.js';

/** A tensor of the library; with `tensor` when a tf.Tensor owns it. */
interface Handle extends Value {
  readonly id: number;
  readonly made: MadeTensor | null;
  tensor: tf.Tensor | null;
}

/** Shapes and lengths of splits that are kept as tensors of the library before the oldest go. */
const MOST_LISTS = 2000;

/** {@link Kernels} as single calls of the TensorFlow library, with attributes and small constants made once. */
export class NativeKernels implements Kernels {
  private readonly float: OpAttribute[];
  private readonly products: OpAttribute[][];
  private readonly reduction: Record<'drop' | 'keep', OpAttribute[]>;
  private readonly reshaping: OpAttribute[];
  private readonly lists = new Map<string, number>();
  private readonly axes = new Map<number, number>();
  private readonly constants = new Map<number, number>();
  /** Values made in the scopes that are open, innermost last. */
  private readonly scopes: Handle[][] = [];

  constructor(readonly backend: NativeBackend) {
    const { TF_INT32 } = backend.binding;
    this.float = [this.type('T', backend.binding.TF_FLOAT)];
    this.products = [0, 1, 2, 3].map((at) => [
      ...this.float,
      this.flag('adj_x', at >= 2),
      this.flag('adj_y', at % 2 === 1),
    ]);
    const reduction = (keep: boolean) => [...this.float, this.type('Tidx', TF_INT32), this.flag('keep_dims', keep)];
    this.reduction = { drop: reduction(false), keep: reduction(true) };
    this.reshaping = [...this.float, this.type('Tshape', TF_INT32)];
  }

  scope<R>(run: () => R): R {
    const made: Handle[] = [];
    this.scopes.push(made);
    try {
      return run();
    } finally {
      this.scopes.pop();
      for (const handle of made) if (handle.tensor === null) this.backend.binding.deleteTensor(handle.id);
    }
  }

  of(tensor: tf.Tensor): Value {
    const [id] = this.backend.getInputTensorIds([tensor]) as [number];
    return { id, shape: tensor.shape, made: null, tensor } as Handle;
  }

  tensor(value: Value): tf.Tensor {
    const handle = value as Handle;
    handle.tensor ??= this.backend.createOutputTensor(handle.made as MadeTensor);
    return handle.tensor;
  }

  numbers = (value: Value): Float32Array =>
    Float32Array.from(this.backend.binding.tensorDataSync((value as Handle).id));

  zeros(shape: readonly number[]): Value {
    const { binding } = this.backend;
    const size = shape.reduce((product, d) => product * d, 1);
    const id = binding.createTensor(shape, binding.TF_FLOAT, new Float32Array(size));
    return this.own({ id, shape: [...shape], dtype: binding.TF_FLOAT });
  }

  matMul(a: Value, b: Value, transposeA = false, transposeB = false): Value {
    const attributes = this.products[(transposeA ? 2 : 0) + (transposeB ? 1 : 0)] as OpAttribute[];
    return this.run('BatchMatMulV2', attributes, [a, b]);
  }

  add = (a: Value, b: Value): Value => this.run('AddV2', this.float, [a, b]);
  sub = (a: Value, b: Value): Value => this.run('Sub', this.float, [a, b]);
  mul = (a: Value, b: Value): Value => this.run('Mul', this.float, [a, b]);
  div = (a: Value, b: Value): Value => this.run('RealDiv', this.float, [a, b]);
  addAll = (values: readonly Value[]): Value =>
    this.run('AddN', [...this.float, this.integer('N', values.length)], values);
  sigmoid = (x: Value): Value => this.run('Sigmoid', this.float, [x]);
  square = (x: Value): Value => this.run('Square', this.float, [x]);
  sqrt = (x: Value): Value => this.run('Sqrt', this.float, [x]);
  rsqrt = (x: Value): Value => this.run('Rsqrt', this.float, [x]);
  addNumber = (x: Value, number: number): Value => this.run('AddV2', this.float, [x], this.constant(number));
  sum = (x: Value, axis: number): Value => this.run('Sum', this.reduction.drop, [x], this.list([axis]));
  mean = (x: Value, axis: number): Value => this.run('Mean', this.reduction.keep, [x], this.list([axis]));
  halfSquares = (x: Value): Value => this.run('L2Loss', this.float, [x]);
  clip = (x: Value, limit: number): Value =>
    this.run('ClipByValue', this.float, [x], this.constant(-limit), this.constant(limit));
  reshape = (x: Value, shape: readonly number[]): Value => this.run('Reshape', this.reshaping, [x], this.list(shape));

  concat(parts: readonly Value[], axis: number): Value {
    const { TF_INT32 } = this.backend.binding;
    const attributes = [...this.float, this.integer('N', parts.length), this.type('Tidx', TF_INT32)];
    return this.run('ConcatV2', attributes, parts, this.axis(axis));
  }

  split(x: Value, sizes: readonly number[], axis: number): Value[] {
    const { binding } = this.backend;
    const attributes = [...this.float, this.integer('num_split', sizes.length), this.type('Tlen', binding.TF_INT32)];
    const inputs = [(x as Handle).id, this.list(sizes), this.axis(axis)];
    return binding.executeOp('SplitV', attributes, inputs, sizes.length).map((made) => this.own(made));
  }

  private run(name: string, attributes: OpAttribute[], values: readonly Value[], ...more: number[]): Value {
    const inputs = values.map((value) => (value as Handle).id);
    inputs.push(...more);
    return this.own(this.backend.binding.executeOp(name, attributes, inputs, 1)[0] as MadeTensor);
  }

  private own(made: MadeTensor): Handle {
    const handle: Handle = { id: made.id, shape: made.shape, made, tensor: null };
    this.scopes.at(-1)?.push(handle);
    return handle;
  }

  private type = (name: string, value: number): OpAttribute => ({
    name,
    type: this.backend.binding.TF_ATTR_TYPE,
    value,
  });
  private flag = (name: string, value: boolean): OpAttribute => ({
    name,
    type: this.backend.binding.TF_ATTR_BOOL,
    value,
  });
  private integer = (name: string, value: number): OpAttribute => ({
    name,
    type: this.backend.binding.TF_ATTR_INT,
    value,
  });

  /** Integers as a tensor of the library; batches come back in few shapes. */
  private list(integers: readonly number[]): number {
    const key = integers.join();
    const known = this.lists.get(key);
    if (known !== undefined) return known;
    const { binding } = this.backend;
    if (this.lists.size >= MOST_LISTS) {
      const [oldest, id] = this.lists.entries().next().value as [string, number];
      this.lists.delete(oldest);
      binding.deleteTensor(id);
    }
    const made = binding.createTensor([integers.length], binding.TF_INT32, Int32Array.from(integers));
    this.lists.set(key, made);
    return made;
  }

  private axis(axis: number): number {
    const { binding } = this.backend;
    const made = this.axes.get(axis) ?? binding.createTensor([], binding.TF_INT32, Int32Array.of(axis));
    this.axes.set(axis, made);
    return made;
  }

  /** A number that the caller's code fixes. */
  private constant(number: number): number {
    const { binding } = this.backend;
    const made = this.constants.get(number) ?? binding.createTensor([], binding.TF_FLOAT, Float32Array.of(number));
    this.constants.set(number, made);
    return made;
  }
}
