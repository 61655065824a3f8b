// The native tensor backends: TensorFlow's libraries from the wheel, for the processor or with CUDA, and the binding of
// tfjs-node, or tfjs-node-gpu, compiled against them.
import {
  existsSync,
  mkdirSync,
  readFileSync,
  readlinkSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { runStep, SetupProblem, say } from './steps.mjs';
import { findCached, makeEntry, pins, platform } from './tool-cache.mjs';
import { fetchWheel } from './wheel.mjs';

const require = createRequire(import.meta.url);
const BINDING = 'tfjs_binding.node';
const HEADERS = '^tensorflow/include/(tensorflow/(c|core/platform|tsl)|tsl|xla/tsl)/.*\\.h$';
const LIBRARIES = '^tensorflow/libtensorflow_(cc|framework)\\.so\\.2$';
const CUDA_LIBRARIES = '^nvidia/[a-z_]+/lib/[^/]+\\.so[.0-9]*$|[Ll]icense';
const CHECK = `
const util = require('node:util');
util.isNullOrUndefined = (value) => value === null || value === undefined;
const tf = require(process.argv[1]);
const c = tf.matMul(tf.ones([2, 3]), tf.ones([3, 2])).dataSync();
if (tf.getBackend() !== 'tensorflow' || c[0] !== 3) process.exit(3);
process.stdout.write(tf.backend().isUsingGpuDevice ? 'the CUDA device' : 'the processor: it finds no CUDA device');
`;

/**
 * The two builds. The wheels of CUDA's libraries lie beside TensorFlow's folder, as Python installs them: its library
 * looks for them at $ORIGIN/../nvidia, which makes the loader find them without LD_LIBRARY_PATH.
 */
export const BUILDS = {
  processor: { npmPackage: '@tensorflow/tfjs-node', pin: pins.tensorflow, home: '' },
  cuda: { npmPackage: '@tensorflow/tfjs-node-gpu', pin: pins.tensorflowGpu, home: 'tensorflow' },
};

/** Folder of the installed package of a build, or null (it is an optional dependency). */
function packageFolder({ npmPackage }) {
  try {
    return path.dirname(require.resolve(`${npmPackage}/package.json`));
  } catch {
    return null;
  }
}

/** Where tfjs-node looks for its binding (N-API version 8, every Node from 16 on). */
const linkPath = (packageDir) => path.join(packageDir, 'lib', 'napi-v8', BINDING);

/** Name of the cache folder: the library's version and the binding's. */
function entryName({ npmPackage, pin }, packageDir) {
  const { version } = require(path.join(packageDir, 'package.json'));
  return `${path.basename(npmPackage)}-${version}-${pin.package}-${pin.version}-${platform}`;
}

/** Makes the package of a build loadable. Returns a word for the summary: `ready`, `linked` (from the cache) or `built`. */
export async function ensureNativeBinding(build, { force = false } = {}) {
  const packageDir = packageFolder(build);
  if (!packageDir) throw new SetupProblem(`${build.npmPackage} is not installed`, 'npm install --include=optional');
  const link = linkPath(packageDir);
  const name = entryName(build, packageDir);
  if (!force && isReady(link, name)) return 'ready';
  const file = path.join(build.home, BINDING);
  const cached = force ? null : findCached(name, file);
  const binding = cached ?? path.join(await buildEntry(build, name, packageDir, force), file);
  const unloadable = path.join(path.dirname(binding), 'unloadable');
  if (existsSync(unloadable)) throw new SetupProblem(readFileSync(unloadable, 'utf8'), 'npm run setup -- --force');
  placeLink(link, binding);
  try {
    const device = await verify(packageDir);
    if (build.pin.cuda) say(`the CUDA build loads and computes on ${device}`);
  } catch (error) {
    rmSync(link, { force: true });
    writeFileSync(unloadable, error.message); // so that the next start does not try again
    throw error;
  }
  return cached ? 'linked' : 'built';
}

/** True for a link to this version in any cache that still holds it, and for a binding that somebody else put there. */
function isReady(link, name) {
  if (!existsSync(link)) return false;
  const target = linkTarget(link);
  return target === null || target.split(path.sep).includes(name);
}

const linkTarget = (link) => {
  try {
    return readlinkSync(link);
  } catch {
    return null;
  }
};

/** A link, not a copy: Node resolves it before loading, so the libraries beside the binding are found by $ORIGIN. */
function placeLink(link, target) {
  mkdirSync(path.dirname(link), { recursive: true });
  const temporary = `${link}.${process.pid}`;
  symlinkSync(target, temporary);
  renameSync(temporary, link);
}

async function buildEntry({ pin, home }, name, packageDir, force) {
  if (!pin.wheels[platform]) throw new SetupProblem(`TensorFlow's library is pinned for linux-x64 only`, 'none needed');
  if (process.platform === 'linux' && !process.report.getReport().header.glibcVersionRuntime) {
    throw new SetupProblem('TensorFlow needs glibc, this system has another C library', 'none needed');
  }
  await runStep('g++', ['--version'], { mend: 'install g++ (Debian: apt-get install g++), then: npm run setup' });
  const begun = Date.now();
  const seconds = () => `${((Date.now() - begun) / 1000).toFixed(1)} s`;
  say(`fetching ${pin.title} ${pin.version} (${pin.megabytes} MB, once per machine)`);
  return makeEntry(
    name,
    async (folder) => {
      await fetchWheel(pin, folder, `${LIBRARIES}|${HEADERS}`, { force });
      say(`TensorFlow ${pin.version} unpacked after ${seconds()}; compiling the binding`);
      for (const wheel of pin.cuda ?? []) await fetchWheel(wheel, folder, CUDA_LIBRARIES, { force });
      const unpacked = path.join(folder, 'tensorflow');
      const libraries = path.join(folder, home);
      for (const library of ['libtensorflow_cc.so.2', 'libtensorflow_framework.so.2']) {
        renameSync(path.join(unpacked, library), path.join(libraries, library));
      }
      await compile(packageDir, path.join(unpacked, 'include'), libraries);
      rmSync(home === '' ? unpacked : path.join(unpacked, 'include'), { recursive: true });
      say(`native tensor backend (${pin.package} ${pin.version}) built after ${seconds()}`);
    },
    { replace: force },
  );
}

function compile(packageDir, headers, folder) {
  const node = path.resolve(process.execPath, '../../include/node');
  const nodeHeaders = existsSync(path.join(node, 'node_api.h'))
    ? node
    : path.join(path.dirname(require.resolve('node-api-headers/package.json')), 'include');
  const source = (file) => path.join(packageDir, 'binding', file);
  return runStep(
    'g++',
    [
      ...['-std=c++17', '-O2', '-fPIC', '-shared', '-DNAPI_VERSION=8', '-DBUILDING_NODE_EXTENSION', '-w'],
      ...['-I', nodeHeaders, '-I', path.dirname(packageDir), '-I', packageDir, '-I', headers],
      ...[source('tfjs_backend.cc'), source('tfjs_binding.cc')],
      ...['-L', folder, '-l:libtensorflow_cc.so.2', '-l:libtensorflow_framework.so.2', '-Wl,-rpath,$ORIGIN'],
      ...['-o', path.join(folder, BINDING)],
    ],
    { label: 'compiling the binding' },
  );
}

/** Loads the backend in a child and multiplies two matrices there: an illegal instruction must not end set-up. */
function verify(packageDir) {
  return runStep(process.execPath, ['--no-deprecation', '-e', CHECK, packageDir], {
    label: 'loading the native backend',
    env: { ...process.env, TF_CPP_MIN_LOG_LEVEL: '3' },
  });
}
