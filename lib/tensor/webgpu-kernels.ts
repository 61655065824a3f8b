import { tf } from './tf.js';
import type { WebgpuBackend } from './webgpu-read.js';

type Sum = (args: { inputs: tf.TensorInfo[]; backend: WebgpuBackend }) => tf.TensorInfo;

/**
 * Makes the webgpu backend fit for training: a sum of many tensors, which gradients of a large network are, is taken in
 * groups, because the stock kernel binds all of them to one shader, where a device has room for `limit`, often 8.
 */
export function registerWebgpuKernels(limit: number): void {
  const stock = tf.getKernel('AddN', 'webgpu');
  const run = stock.kernelFunc as unknown as Sum;
  const most = Math.max(2, limit - 1); // one is the result
  const addN: Sum = ({ inputs, backend }) => {
    let sum = run({ inputs: inputs.slice(0, most), backend });
    for (let next = most; next < inputs.length; next += most - 1) {
      const longer = run({ inputs: [sum, ...inputs.slice(next, next + most - 1)], backend });
      backend.disposeData(sum.dataId);
      sum = longer;
    }
    return sum;
  };
  tf.unregisterKernel('AddN', 'webgpu');
  tf.registerKernel({ ...stock, kernelFunc: addN as unknown as tf.KernelConfig['kernelFunc'] });
}
