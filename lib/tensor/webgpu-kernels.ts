import { tf } from './tf.js';
import { segmentSumProgram, waveProgram } from './webgpu-programs.js';
import type { WebgpuBackend } from './webgpu-read.js';

type Run<Inputs, Attributes = object> = (args: {
  inputs: Inputs;
  backend: WebgpuBackend;
  attrs: Attributes;
}) => tf.TensorInfo;

/**
 * Makes the webgpu backend fit for training. A sum of many tensors, which gradients of a large network are, is taken in
 * groups, because the stock kernel binds all of them to one shader, where a device has room for `limit`, often 8. Sums
 * whose terms the stock kernels add as threads come by (long products of matrices, segments) get a fixed order, so that
 * a second run gives the same bytes. Sines and cosines hold for any argument.
 */
export function registerWebgpuKernels(limit: number): void {
  replace<tf.TensorInfo[]>('AddN', (stock) => addInGroups(stock, Math.max(2, limit - 1))); // one is the result
  for (const name of ['BatchMatMul', '_FusedMatMul']) replace(name, multiplyInOrder);
  replace('UnsortedSegmentSum', sumSegmentsInOrder);
  for (const wave of ['sin', 'cos'] as const)
    replace<{ x: tf.TensorInfo }>(wave === 'sin' ? 'Sin' : 'Cos', () => ({ inputs: { x }, backend }) => {
      return backend.runWebGPUProgram(waveProgram(wave, x.shape), [x], 'float32');
    });
}

function replace<Inputs, Attributes = object>(
  kernelName: string,
  make: (stock: Run<Inputs, Attributes>) => Run<Inputs, Attributes>,
): void {
  const stock = tf.getKernel(kernelName, 'webgpu');
  const kernelFunc = make(stock.kernelFunc as unknown as Run<Inputs, Attributes>);
  tf.unregisterKernel(kernelName, 'webgpu');
  tf.registerKernel({ ...stock, kernelFunc: kernelFunc as unknown as tf.KernelConfig['kernelFunc'] });
}

function addInGroups(stock: Run<tf.TensorInfo[]>, most: number): Run<tf.TensorInfo[]> {
  return ({ inputs, backend, attrs }) => {
    let sum = stock({ inputs: inputs.slice(0, most), backend, attrs });
    for (let next = most; next < inputs.length; next += most - 1) {
      const longer = stock({ inputs: [sum, ...inputs.slice(next, next + most - 1)], backend, attrs });
      backend.disposeData(sum.dataId);
      sum = longer;
    }
    return sum;
  };
}

const PROGRAM = 'WEBGPU_MATMUL_PROGRAM_TYPE';
/** Values of that flag: the backend's choice, and small tiles, each of which goes along the inner axis in order. */
const CHOOSE = -1;
const SMALL_TILES = 2;
/** Where the backend starts to split the inner axis among workgroups, when there are few others to keep the device busy. */
const LONG = 2000;
const TILE = 32 * 32;

function multiplyInOrder(
  stock: Run<{ a: tf.TensorInfo; b: tf.TensorInfo }, { transposeA: boolean }>,
): Run<{ a: tf.TensorInfo; b: tf.TensorInfo }, { transposeA: boolean }> {
  return (args) => {
    const { a, b } = args.inputs;
    const inner = a.shape.at(args.attrs.transposeA ? -2 : -1) as number;
    const outputs = (tf.util.sizeFromShape(a.shape) / inner) * (tf.util.sizeFromShape(b.shape) / inner);
    const mightSplit = inner >= LONG && outputs <= 2 * TILE * args.backend.thresholdToIncreaseWorkgroups;
    tf.env().set(PROGRAM, mightSplit ? SMALL_TILES : CHOOSE);
    try {
      return stock(args);
    } finally {
      tf.env().set(PROGRAM, CHOOSE);
    }
  };
}

type Segments = Run<{ x: tf.TensorInfo; segmentIds: tf.TensorInfo }, { numSegments: number }>;

function sumSegmentsInOrder(stock: Segments): Segments {
  return (args) => {
    const { inputs, backend, attrs } = args;
    const { x, segmentIds } = inputs;
    if (x.dtype !== 'float32') return stock(args); // whole numbers have the same sum in any order
    const shape = [attrs.numSegments, ...x.shape.slice(1)];
    const width = tf.util.sizeFromShape(x.shape.slice(1));
    const program = segmentSumProgram(attrs.numSegments, width);
    const uniforms = [x.shape[0] as number, width].map((value) => ({ type: 'int32', data: [value] }));
    const { dataId, dtype } = backend.runWebGPUProgram(program, [x, segmentIds], 'float32', uniforms);
    return { dataId, dtype, shape };
  };
}
