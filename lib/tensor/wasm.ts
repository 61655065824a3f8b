import { createRequire } from 'node:module';
import path from 'node:path';
import type * as Wasm from '@tensorflow/tfjs-backend-wasm';
import type { LoadedBackend } from './backend.js';
import { tf } from './tf.js';
import { registerWasmKernels } from './wasm-kernels.js';

const require = createRequire(import.meta.url);

/** Loads the wasm backend from node_modules (no network), adds the kernels that training needs, and selects it. */
export async function loadWasm(): Promise<LoadedBackend> {
  const wasm = require('@tensorflow/tfjs-backend-wasm') as typeof Wasm;
  const manifest = require.resolve('@tensorflow/tfjs-backend-wasm/package.json');
  wasm.setWasmPaths(`${path.join(path.dirname(manifest), 'dist')}${path.sep}`);
  tf.enableProdMode(); // no hints about faster backends on the terminal
  if (!(await tf.setBackend('wasm'))) throw new Error('the wasm backend did not start');
  registerWasmKernels();
  return { version: (require(manifest) as { version: string }).version, threads: 1, device: null };
}
