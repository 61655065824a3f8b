import type { LoadedBackend } from './backend.js';
import { tf } from './tf.js';

/**
 * Selects tfjs's backend in plain JavaScript, which needs nothing but Node: the last resort, hundreds of times slower
 * than the native one on wide layers, and the judge of the others in tests.
 */
export async function loadCpu(): Promise<LoadedBackend> {
  tf.enableProdMode(); // no hints about faster backends on the terminal
  if (!(await tf.setBackend('cpu'))) throw new Error('the JavaScript backend did not start');
  return { version: tf.version['tfjs-core'], threads: 1, device: null };
}
