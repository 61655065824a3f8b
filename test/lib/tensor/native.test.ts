import { describe, expect, it } from 'vitest';
import { initBackend } from '../../../lib/tensor/backend.js';
import { coverageSuite } from './suites/coverage.js';
import { opsSuite } from './suites/ops.js';
import { rawKernelSuite } from './suites/raw-kernels.js';
import { trainingSuite } from './suites/training.js';

const info = await initBackend({ force: 'tfjs-node' }).catch((error: Error) => {
  console.warn(`native backend not checked: ${error.message}`);
  return null;
});

describe.skipIf(info === null)('the native backend', () => {
  it('says what it is', () => {
    expect(info).toMatchObject({ name: 'tfjs-node', tried: [] });
    expect(info?.identity).toMatch(/^tfjs-node\/4\.22\.0 \(TensorFlow 2\.18\.1\)\/threads=\d+\//);
  });
  opsSuite();
  trainingSuite();
  coverageSuite();
  rawKernelSuite();
});
