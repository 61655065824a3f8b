import { type NativeBackend, nativeBackend, type OpAttribute } from './tensorflow-binding.js';
import type { tf } from './tf.js';

/** A tensor of the library, outside of tfjs: no tidy frees it. */
interface RawTensor {
  id: number;
  shape: number[];
  dtype: number;
}

interface RawBackend extends NativeBackend {
  createOutputTensor(made: RawTensor): tf.Tensor;
}

let scalars = new Map<number, number>();
let scalarsOf: NativeBackend | null = null;

/**
 * Float32 ops of the native backend without tfjs around them: for layers with hand-written gradients, where an op through
 * tfjs costs twice as much and keeps what nobody needs again. What an op gives is freed by `end` unless `keep` took it.
 */
export class RawOps {
  private made: number[] = [];
  private readonly type: OpAttribute[];

  private constructor(private readonly backend: RawBackend) {
    this.type = [{ name: 'T', type: backend.binding.TF_ATTR_TYPE, value: backend.binding.TF_FLOAT }];
  }

  /** null where another backend is in use. */
  static begin(): RawOps | null {
    const backend = nativeBackend();
    return backend === null ? null : new RawOps(backend as RawBackend);
  }

  of(tensor: tf.Tensor): RawTensor {
    const [id] = this.backend.getInputTensorIds([tensor]) as [number];
    return { id, shape: tensor.shape, dtype: this.backend.binding.TF_FLOAT };
  }

  /** A constant, made once. */
  scalar(value: number): RawTensor {
    const { binding } = this.backend;
    if (scalarsOf !== this.backend) scalars = new Map();
    scalarsOf = this.backend;
    const known = scalars.get(value) ?? binding.createTensor([], binding.TF_FLOAT, Float32Array.of(value));
    scalars.set(value, known);
    return { id: known, shape: [], dtype: binding.TF_FLOAT };
  }

  /** a @ b, either transposed first. */
  matMul(a: RawTensor, b: RawTensor, transposeA = false, transposeB = false): RawTensor {
    const { TF_ATTR_BOOL } = this.backend.binding;
    return this.run(
      'MatMul',
      [a, b],
      [
        ...this.type,
        { name: 'transpose_a', type: TF_ATTR_BOOL, value: transposeA },
        { name: 'transpose_b', type: TF_ATTR_BOOL, value: transposeB },
      ],
    );
  }

  /** x [rows, width] + bias [width]. */
  addBias(x: RawTensor, bias: RawTensor): RawTensor {
    return this.run('BiasAdd', [x, bias], this.layout());
  }

  /** Sum over rows, the gradient of the bias. */
  sumRows(dy: RawTensor): RawTensor {
    return this.run('BiasAddGrad', [dy], this.layout());
  }

  add(a: RawTensor, b: RawTensor): RawTensor {
    return this.run('AddV2', [a, b], this.type);
  }

  mul(a: RawTensor, b: RawTensor): RawTensor {
    return this.run('Mul', [a, b], this.type);
  }

  sigmoid(x: RawTensor): RawTensor {
    return this.run('Sigmoid', [x], this.type);
  }

  /** dy s (1 - s) for s = sigmoid(x). */
  sigmoidGradient(s: RawTensor, dy: RawTensor): RawTensor {
    return this.run('SigmoidGrad', [s, dy], this.type);
  }

  /** x sigmoid(x) in one pass: the library's gradient of softplus is dy sigmoid(x). */
  silu(x: RawTensor): RawTensor {
    return this.run('SoftplusGrad', [x, x], this.type);
  }

  /** As a tensor of tfjs; `end` leaves it alone. */
  keep<T extends tf.Tensor>(raw: RawTensor): T {
    this.made = this.made.filter((id) => id !== raw.id);
    return this.backend.createOutputTensor(raw) as T;
  }

  /** Frees what was not kept. */
  end(): void {
    for (const id of this.made) this.backend.binding.deleteTensor(id);
    this.made = [];
  }

  private layout(): OpAttribute[] {
    return [...this.type, { name: 'data_format', type: this.backend.binding.TF_ATTR_STRING, value: 'NHWC' }];
  }

  private run(name: string, inputs: RawTensor[], attributes: OpAttribute[]): RawTensor {
    const ids = inputs.map(({ id }) => id);
    const [made] = this.backend.binding.executeOp(name, attributes, ids, 1) as unknown as [RawTensor];
    this.made.push(made.id);
    return made;
  }
}
