import { describe, expect, it } from 'vitest';
import { initBackend } from '../../../lib/tensor/backend.js';
import { coverageSuite } from './suites/coverage.js';
import { opsSuite } from './suites/ops.js';
import { rawKernelSuite } from './suites/raw-kernels.js';
import { trainingSuite } from './suites/training.js';

const info = await initBackend({ force: 'wasm' });

describe('the wasm backend', () => {
  it('says what it is', () => {
    expect(info).toMatchObject({ name: 'wasm', threads: 1, tried: [] });
    expect(info.identity).toBe('wasm/4.22.0');
  });
  opsSuite();
  trainingSuite();
  coverageSuite();
  rawKernelSuite();
});
