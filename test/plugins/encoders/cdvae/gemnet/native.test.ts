import { describe } from 'vitest';
import { initBackend } from '../../../../../lib/tensor/backend.js';
import { releasedSuite } from './released-suite.js';

const info = await initBackend({ force: 'tfjs-node' }).catch((error: Error) => {
  console.warn(`GemNet-T not checked on the native backend: ${error.message}`);
  return null;
});

describe.skipIf(info === null)('on the native backend', releasedSuite);
