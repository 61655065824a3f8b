import { describe } from 'vitest';
import { initBackend } from '../../../../../lib/tensor/backend.js';
import { stepSuite } from './step-suite.js';
import { paperSuite } from './suite.js';

const info = await initBackend({ force: 'tfjs-node' }).catch((error: Error) => {
  console.warn(`the paper preset is not checked on the native backend: ${error.message}`);
  return null;
});

describe.skipIf(info === null)('the paper preset on the native backend', paperSuite);
describe.skipIf(info === null)('a training step of the paper preset on the native backend', stepSuite);
