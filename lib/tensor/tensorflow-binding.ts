import { tf } from './tf.js';

/** An attribute of a TensorFlow op: a type, boolean or shape. */
export interface OpAttribute {
  name: string;
  type: number;
  value: number | boolean | string | readonly number[];
}

/** An output of an op. */
export interface MadeTensor {
  id: number;
  shape: number[];
  dtype: number;
}

/** The part of tfjs-node's binding (tfjs_binding.node, 4.22) that is used directly. Tensors are plain numbers here. */
export interface TensorflowBinding {
  readonly TF_FLOAT: number;
  readonly TF_INT32: number;
  readonly TF_ATTR_INT: number;
  readonly TF_ATTR_TYPE: number;
  readonly TF_ATTR_BOOL: number;
  readonly TF_ATTR_SHAPE: number;
  readonly TF_ATTR_STRING: number;
  createTensor(shape: readonly number[], dtype: number, data: Float32Array | Int32Array): number;
  deleteTensor(id: number): void;
  tensorDataSync(id: number): Float32Array;
  executeOp(name: string, attributes: OpAttribute[], inputs: number[], outputs: number): MadeTensor[];
}

/** What tfjs-node keeps for one data id: either values that were not uploaded yet, or a tensor of the library. */
export interface NativeTensor {
  id: number;
  values: unknown;
  refCount: number;
}

/** tfjs-node's backend object. */
export interface NativeBackend {
  readonly binding: TensorflowBinding;
  readonly tensorMap: { get(dataId: object): NativeTensor };
  getInputTensorIds(tensors: readonly tf.Tensor[]): number[];
  createOutputTensor(made: MadeTensor): tf.Tensor;
}

/** The native backend when it is the one in use, else null. */
export function nativeBackend(): NativeBackend | null {
  return tf.getBackend() === 'tensorflow' ? (tf.backend() as unknown as NativeBackend) : null;
}
