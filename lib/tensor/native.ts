import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import util from 'node:util';
import type { LoadedBackend } from './backend.js';
import { processorKind } from './instruction-set.js';
import { nvidiaDevice, requireCuda } from './nvidia.js';
import { tf } from './tf.js';
import { setLibraryEnvironment } from './threads.js';

export type NativePackage = '@tensorflow/tfjs-node' | '@tensorflow/tfjs-node-gpu';

const require = createRequire(import.meta.url);

/**
 * Loads a native package into the shared tfjs-core instance and selects it. Throws an Error whose message is the
 * reason when it is not installed, has no binding, or (GPU) sees no device; nothing is registered then.
 */
export function loadNative(name: NativePackage, threads: number): LoadedBackend {
  const gpu = name === '@tensorflow/tfjs-node-gpu';
  const manifest = resolveManifest(name);
  const folder = path.dirname(manifest);
  const binding = path.join(folder, 'lib', 'napi-v8', 'tfjs_binding.node');
  if (!existsSync(binding)) {
    const device = gpu && nvidiaDevice() === null ? 'no NVIDIA device; ' : '';
    throw new Error(`${device}its binding is not built (npm run setup${gpu ? ' -- --gpu' : ''})`);
  }
  setLibraryEnvironment(threads);
  const device = gpu ? requireCuda(folder) : null;
  restoreUtilChecks();
  tf.enableProdMode(); // no hints about faster backends on the terminal
  quietly(() => require(name));
  if (tf.getBackend() !== 'tensorflow') throw new Error('it loaded but did not register its backend');
  const { version } = require(manifest) as { version: string };
  const library = (require(binding) as { TF_Version: string }).TF_Version;
  const processor = `threads=${threads}/${processorKind()}`;
  const variant = device === null ? processor : `${processor}/${device}`;
  return { version: `${version} (TensorFlow ${library})`, threads, device, variant };
}

function resolveManifest(name: NativePackage): string {
  try {
    return require.resolve(`${name}/package.json`);
  } catch {
    throw new Error('it is not installed');
  }
}

/** tfjs-node calls util.isArray and util.isNullOrUndefined, which newer Nodes warn about (22) or lack (23). */
function restoreUtilChecks(): void {
  const legacy = util as unknown as Record<string, unknown>;
  legacy['isNullOrUndefined'] = (value: unknown) => value === null || value === undefined;
  legacy['isArray'] = Array.isArray;
}

/** Runs `load` with deprecation warnings off: the package's own dependencies raise them, users can't act on them. */
function quietly(load: () => void): void {
  const before = process.noDeprecation === true;
  process.noDeprecation = true;
  try {
    load();
  } finally {
    process.noDeprecation = before;
  }
}
