import { describe } from 'vitest';
import { initBackend } from '../../../../../lib/tensor/backend.js';
import { releasedSuite } from './released-suite.js';

await initBackend({ force: 'wasm' });

describe('on the wasm backend', releasedSuite);
