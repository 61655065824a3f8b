import { initBackend } from '../../../../../lib/tensor/backend.js';
import { agreementSuite } from './agreement-suite.js';

await initBackend({ force: 'wasm' });
agreementSuite();
