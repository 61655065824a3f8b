import type { BackendWasm } from '@tensorflow/tfjs-backend-wasm';
import { tf } from './tf.js';

interface MatMulAttrs {
  transposeA: boolean;
  transposeB: boolean;
}

type Kernel = (args: { inputs: object; backend: unknown; attrs?: object }) => tf.TensorInfo;

/**
 * Makes the wasm backend fit for training: adds UnsortedSegmentSum, the gradient of gather, which it lacks, and turns
 * transposed matrix products (every backward pass) into plain ones, because the stock kernel runs them in a naive loop,
 * 11 to 14 times slower. Safe to call more than once.
 */
export function registerWasmKernels(): void {
  if (tf.getKernel('UnsortedSegmentSum', 'wasm')) return;
  for (const name of ['BatchMatMul', '_FusedMatMul']) transposeFirst(name);
  tf.registerKernel({
    kernelName: 'UnsortedSegmentSum',
    backendName: 'wasm',
    kernelFunc: unsortedSegmentSum as unknown as tf.KernelConfig['kernelFunc'],
  });
}

function transposeFirst(kernelName: string): void {
  const stock = tf.getKernel(kernelName, 'wasm');
  const transpose = tf.getKernel('Transpose', 'wasm').kernelFunc as unknown as Kernel;
  const run = stock.kernelFunc as unknown as Kernel;
  const kernelFunc = (args: {
    inputs: { a: tf.TensorInfo; b: tf.TensorInfo };
    backend: BackendWasm;
    attrs: MatMulAttrs;
  }): tf.TensorInfo => {
    const { inputs, backend, attrs } = args;
    const plain = { ...attrs, transposeA: false, transposeB: false };
    const flip = (x: tf.TensorInfo): tf.TensorInfo => {
      const rank = x.shape.length;
      const perm = Array.from({ length: rank }, (_, i) => (i < rank - 2 ? i : 2 * rank - 3 - i));
      return transpose({ inputs: { x }, backend, attrs: { perm } });
    };
    const free = (...made: tf.TensorInfo[]): void => {
      for (const tensor of made) backend.disposeData(tensor.dataId);
    };
    if (kernelName === 'BatchMatMul' && isCheaperReversed(inputs.a, inputs.b, attrs)) {
      const flipped = flip(inputs.a);
      const reversed = run({ inputs: { a: inputs.b, b: flipped }, backend, attrs: plain });
      const product = flip(reversed);
      free(flipped, reversed);
      return product;
    }
    const a = attrs.transposeA ? flip(inputs.a) : inputs.a;
    const b = attrs.transposeB ? flip(inputs.b) : inputs.b;
    const product = run({ inputs: { ...inputs, a, b }, backend, attrs: plain });
    free(...[a, b].filter((tensor) => tensor !== inputs.a && tensor !== inputs.b));
    return product;
  };
  tf.unregisterKernel(kernelName, 'wasm');
  tf.registerKernel({ ...stock, kernelFunc: kernelFunc as unknown as tf.KernelConfig['kernelFunc'] });
}

/**
 * Whether a @ transpose(b) is better had as transpose(b @ transpose(a)): when b, a weight matrix in a backward pass, is
 * larger than a and the product together, which are transposed instead.
 */
function isCheaperReversed(a: tf.TensorInfo, b: tf.TensorInfo, { transposeA, transposeB }: MatMulAttrs): boolean {
  if (transposeA || !transposeB || a.shape.length !== 2 || b.shape.length !== 2) return false;
  const [rows, inner] = a.shape as [number, number];
  const columns = b.shape[0] as number;
  return columns * inner > rows * inner + rows * columns;
}

/** Rows of x added up by segment; rows with an id outside 0..numSegments-1 are left out, as TensorFlow does. */
function unsortedSegmentSum(args: {
  inputs: { x: tf.TensorInfo; segmentIds: tf.TensorInfo };
  backend: BackendWasm;
  attrs: { numSegments: number };
}): tf.TensorInfo {
  const { inputs, backend, attrs } = args;
  const { x, segmentIds } = inputs;
  const shape = [attrs.numSegments, ...x.shape.slice(1)];
  const out = backend.makeOutput(shape, x.dtype);
  // Views last: makeOutput may grow the heap, which detaches older ones.
  const from = backend.typedArrayFromHeap(x);
  const ids = backend.typedArrayFromHeap(segmentIds);
  const to = backend.typedArrayFromHeap(out);
  const width = x.shape.slice(1).reduce((product, d) => product * d, 1);
  to.fill(0);
  for (let row = 0; row < ids.length; row++) {
    const segment = ids[row] as number;
    if (segment < 0 || segment >= attrs.numSegments) continue;
    const source = row * width;
    const target = segment * width;
    for (let j = 0; j < width; j++) to[target + j] = (to[target + j] as number) + (from[source + j] as number);
  }
  return out;
}
