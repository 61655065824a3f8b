import { describe, expect, it } from 'vitest';
import { initBackend } from '../../../lib/tensor/backend.js';
import { coverageSuite } from './suites/coverage.js';
import { opsSuite } from './suites/ops.js';
import { rawKernelSuite } from './suites/raw-kernels.js';
import { trainingSuite } from './suites/training.js';

const info = await initBackend({ force: 'tfjs-node-gpu' }).catch((error: Error) => {
  console.warn(`CUDA backend not checked: ${error.message}`);
  return null;
});

describe.skipIf(info === null)('the CUDA backend', () => {
  it('says what it is', () => {
    expect(info).toMatchObject({ name: 'tfjs-node-gpu', tried: [] });
    expect(info?.identity).toMatch(/^tfjs-node-gpu\/4\.22\.0 \(TensorFlow 2\.20\.0\)\/threads=\d+\//);
    expect(info?.identity).toContain(info?.device as string);
  });
  opsSuite();
  trainingSuite();
  coverageSuite();
  rawKernelSuite();
});
