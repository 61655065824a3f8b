import { describe } from 'vitest';
import { initBackend } from '../../../../../lib/tensor/backend.js';
import { paperSuite } from './suite.js';

await initBackend({ force: 'wasm' });

describe('the paper preset on the wasm backend', paperSuite);
