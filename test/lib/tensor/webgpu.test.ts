import { afterAll, describe, expect, it } from 'vitest';
import { initBackend } from '../../../lib/tensor/backend.js';
import { tf } from '../../../lib/tensor/tf.js';
import type { WebgpuBackend } from '../../../lib/tensor/webgpu-read.js';
import { coverageSuite } from './suites/coverage.js';
import { opsSuite } from './suites/ops.js';
import { REAL_WORK } from './suites/real-work.js';
import { trainingSuite } from './suites/training.js';

const info = await initBackend({ force: 'webgpu' }).catch((error: Error) => {
  console.warn(`webgpu backend not checked: ${error.message}`);
  return null;
});

/** Programs whose threads add to one entry in the order in which they come by. */
async function unordered(work: () => unknown): Promise<string[]> {
  const backend = tf.backend() as unknown as WebgpuBackend;
  const stock = backend.runWebGPUProgram;
  const found = new Set<string>();
  backend.runWebGPUProgram = (program, ...rest) => {
    if (program.atomic === true) found.add(program.shaderKey);
    return stock.call(backend, program, ...rest);
  };
  try {
    await work();
  } finally {
    backend.runWebGPUProgram = stock;
  }
  return [...found];
}

/** Values of a long product, of its gradients, and of a sum by segments with ids out of range. */
const sums = (): number[][] =>
  tf.tidy(() => {
    const entries = (i: number) => Math.sin(1.7 * i) / 8;
    const a = tf.tensor2d(
      Float32Array.from({ length: 3000 * 16 }, (_, i) => entries(i)),
      [3000, 16],
    );
    const b = tf.tensor2d(
      Float32Array.from({ length: 3000 * 12 }, (_, i) => entries(i + 0.3)),
      [3000, 12],
    );
    const ids = tf.tensor1d(
      Int32Array.from({ length: 3000 }, (_, i) => ((i * 7) % 11) - 1),
      'int32',
    );
    const product = tf.matMul(a, b, true);
    return [product, tf.unsortedSegmentSum(a, ids, 8)].map((y) => [...y.dataSync()]);
  });

describe.skipIf(info === null)('the webgpu backend', () => {
  // The backend computes small tensors in JavaScript unless told not to; the checks are of the device.
  if (info !== null) tf.env().set('WEBGPU_CPU_FORWARD', false);
  afterAll(async () => {
    await tf.setBackend('webgpu');
  });

  it('says what it is', () => {
    expect(info).toMatchObject({ name: 'webgpu', tried: [] });
    expect(info?.identity).toMatch(/^webgpu\/4\.22\.0 \(Dawn \d.*\)\/./);
    expect(info?.identity).toContain(info?.device as string);
  });

  it('adds up long sums in a fixed order, to what another backend gives', async () => {
    let found: number[][] = [];
    expect(await unordered(() => (found = sums()))).toEqual([]);
    expect(sums()).toEqual(found);
    await tf.setBackend('cpu');
    const wanted = sums();
    await tf.setBackend('webgpu');
    for (const [k, values] of wanted.entries())
      for (const [i, value] of values.entries()) expect(Math.abs((found[k]?.[i] as number) - value)).toBeLessThan(1e-4);
  });

  it('gives sines and cosines of large arguments', () => {
    const x = Float32Array.from({ length: 400 }, (_, i) => 5.3 * i - 1000);
    const [sine, cosine] = tf.tidy(() => [tf.sin(x), tf.cos(x)].map((y) => y.dataSync()));
    for (const [i, value] of x.entries()) {
      expect(Math.abs((sine?.[i] as number) - Math.sin(value)), `sin ${value}`).toBeLessThan(1e-5);
      expect(Math.abs((cosine?.[i] as number) - Math.cos(value)), `cos ${value}`).toBeLessThan(1e-5);
    }
  });

  it.each(REAL_WORK)(
    'leaves no sum to the order of threads: %s',
    async (_, work) => {
      expect(await unordered(work)).toEqual([]);
    },
    300_000,
  );

  opsSuite();
  trainingSuite(60);
  coverageSuite();
});
