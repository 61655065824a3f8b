import { describe, expect, it } from 'vitest';
import { initBackend } from '../../../lib/tensor/backend.js';
import { tf } from '../../../lib/tensor/tf.js';
import { coverageSuite } from './suites/coverage.js';
import { opsSuite } from './suites/ops.js';
import { trainingSuite } from './suites/training.js';

const info = await initBackend({ force: 'webgpu' }).catch((error: Error) => {
  console.warn(`webgpu backend not checked: ${error.message}`);
  return null;
});

describe.skipIf(info === null)('the webgpu backend', () => {
  // The backend computes small tensors in JavaScript unless told not to; the checks are of the device.
  if (info !== null) tf.env().set('WEBGPU_CPU_FORWARD', false);

  it('says what it is', () => {
    expect(info).toMatchObject({ name: 'webgpu', tried: [] });
    expect(info?.identity).toMatch(/^webgpu\/4\.22\.0 \(Dawn \d.*\)\/./);
    expect(info?.identity).toContain(info?.device as string);
  });
  opsSuite();
  trainingSuite(60);
  coverageSuite();
});
