import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

/** Where the NVIDIA driver shows its devices: on Linux, and under Windows' Linux (WSL). */
const DEVICES = ['/dev/nvidiactl', '/dev/nvidia0', '/dev/dxg'];
const DRIVER = '/proc/driver/nvidia/gpus';

/** Exit code of the probe when the library works without a device, and the word it says when the library has one. */
const NO_GPU = 3;
const FOUND = 'found';

/** One kernel of each kind: cuBLAS, and one that the driver may have to compile for this device first. */
const GPU_PROBE = `
const util = require('node:util');
util.isNullOrUndefined = (value) => value === null || value === undefined;
const tf = require(process.argv[1]);
if (!tf.backend().isUsingGpuDevice) process.exit(${NO_GPU});
require('node:fs').writeSync(1, '${FOUND}');
const four = tf.tanh(tf.matMul(tf.ones([2, 2]), tf.ones([2, 2]))).dataSync();
if (!(Math.abs(four[3] - Math.tanh(2)) < 1e-5)) throw new Error('wrong hyperbolic tangent of 2: ' + four[3]);
process.exit(0);
`;

/**
 * Name of the first NVIDIA device that this process can open, e.g. `NVIDIA H100`; `a GPU` where the driver does not say;
 * null when there is none or CUDA_VISIBLE_DEVICES hides all of them. Looks for files only, nothing is loaded; on Windows,
 * which has no such files, the probe has to find out.
 * @param root for tests: where /dev and /proc are
 */
export function nvidiaDevice(env: NodeJS.ProcessEnv = process.env, root = '/'): string | null {
  const visible = env['CUDA_VISIBLE_DEVICES'];
  if (visible !== undefined && /^(-1|none|)$/i.test(visible.trim())) return null;
  if (process.platform === 'darwin') return null;
  if (process.platform === 'linux' && !DEVICES.some((file) => existsSync(path.join(root, file)))) return null;
  const driver = path.join(root, DRIVER);
  try {
    const [first] = readdirSync(driver).sort();
    const information = readFileSync(path.join(driver, first ?? '', 'information'), 'utf8');
    return /^Model:\s*(.+)$/m.exec(information)?.[1]?.trim() ?? 'a GPU';
  } catch {
    return 'a GPU';
  }
}

/**
 * Settings that the CUDA build of TensorFlow reads when it is loaded: sums in a fixed order, full float32 products
 * instead of TF32's ten bits, and memory taken as needed. What the user has set stays.
 */
export function setGpuEnvironment(env: NodeJS.ProcessEnv = process.env): void {
  env['TF_DETERMINISTIC_OPS'] ??= '1';
  env['NVIDIA_TF32_OVERRIDE'] ??= '0';
  env['TF_FORCE_GPU_ALLOW_GROWTH'] ??= 'true';
}

/**
 * Name of the CUDA device that the package in `folder` computes on. A child tries it first: the library may crash, and two
 * TensorFlow libraries in one process would clash. Throws when there is no device, or none that the library can use.
 */
export function requireCuda(folder: string, device = nvidiaDevice()): string {
  if (device === null) throw new Error('no NVIDIA device');
  setGpuEnvironment();
  const probe = spawnSync(process.execPath, ['--no-deprecation', '-e', GPU_PROBE, folder], { timeout: 120_000 });
  if (probe.status === 0) return device;
  if (probe.status === NO_GPU) throw new Error(`its library loads, but finds no CUDA device (${device})`);
  const found = probe.stdout.toString().includes(FOUND);
  const problem = found ? `its library finds ${device}, but does not compute on it` : 'its library does not load';
  throw new Error(`${problem} (${lastLine(probe.stderr) || (probe.signal ?? `exit ${probe.status}`)})`);
}

const lastLine = (output: Buffer): string => {
  const errors = output
    .toString()
    .split('\n')
    .filter((line) => /\berror\b/i.test(line));
  return errors.at(-1)?.trim().slice(0, 300) ?? '';
};
