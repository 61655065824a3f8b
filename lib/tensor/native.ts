import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import util from 'node:util';
import { tf } from './tf.js';
import { setLibraryEnvironment } from './threads.js';

export type NativePackage = '@tensorflow/tfjs-node' | '@tensorflow/tfjs-node-gpu';

const require = createRequire(import.meta.url);

const GPU_PROBE = `
const tf = require(process.argv[1]);
process.exit(tf.backend().isUsingGpuDevice ? 0 : 3);
`;

/**
 * Loads a native package into the shared tfjs-core instance and selects it. Throws an Error whose message is the
 * reason when it is not installed, has no binding, or (GPU) sees no device; nothing is registered then.
 * @returns version, e.g. `4.22.0 (TensorFlow 2.18.1)`
 */
export function loadNative(name: NativePackage, threads: number): string {
  const manifest = resolveManifest(name);
  const folder = path.dirname(manifest);
  const binding = path.join(folder, 'lib', 'napi-v8', 'tfjs_binding.node');
  if (!existsSync(binding)) throw new Error('its binding is not built (npm run setup)');
  setLibraryEnvironment(threads);
  if (name === '@tensorflow/tfjs-node-gpu') requireGpu(folder);
  restoreUtilChecks();
  tf.enableProdMode(); // no hints about faster backends on the terminal
  quietly(() => require(name));
  if (tf.getBackend() !== 'tensorflow') throw new Error('it loaded but did not register its backend');
  const { version } = require(manifest) as { version: string };
  const library = (require(binding) as { TF_Version: string }).TF_Version;
  return `${version} (TensorFlow ${library})`;
}

function resolveManifest(name: NativePackage): string {
  try {
    return require.resolve(`${name}/package.json`);
  } catch {
    throw new Error('it is not installed');
  }
}

/** A child looks for the device first: two TensorFlow libraries in one process would clash. */
function requireGpu(folder: string): void {
  if (process.platform === 'linux' && !existsSync('/dev/nvidiactl') && !existsSync('/dev/nvidia0')) {
    throw new Error('no NVIDIA device');
  }
  try {
    execFileSync(process.execPath, ['--no-deprecation', '-e', GPU_PROBE, folder], { stdio: 'ignore', timeout: 60_000 });
  } catch {
    throw new Error('its library does not load or sees no GPU');
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
