import { describe } from 'vitest';
import { initBackend } from '../../../../../lib/tensor/backend.js';
import { stepSuite } from './step-suite.js';
import { paperSuite } from './suite.js';

await initBackend({ force: 'wasm' });

describe('the paper preset on the wasm backend', paperSuite);
describe('a training step of the paper preset on the wasm backend', stepSuite);
