import { describe, expect, it } from 'vitest';
import { initBackend } from '../../../lib/tensor/backend.js';
import { tf } from '../../../lib/tensor/tf.js';
import { loadWasm } from '../../../lib/tensor/wasm.js';
import { coverageSuite } from './suites/coverage.js';
import { differencesSuite, opsSuite } from './suites/ops.js';
import { rawKernelSuite } from './suites/raw-kernels.js';
import { trainingSuite } from './suites/training.js';

await loadWasm(); // the judge
const info = await initBackend({ force: 'cpu' });

describe('the JavaScript backend', () => {
  it('says what it is', () => {
    expect(info).toEqual({
      name: 'cpu',
      version: '4.22.0',
      threads: 1,
      device: null,
      identity: 'cpu/4.22.0',
      tried: [],
    });
    expect(tf.getBackend()).toBe('cpu');
  });
  opsSuite('wasm');
  differencesSuite();
  trainingSuite();
  coverageSuite();
  rawKernelSuite();
});
