// The native tensor backend: TensorFlow's libraries from the wheel, the tfjs-node binding compiled against them.
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
const CHECK = `
const tf = require(process.argv[1]);
const c = tf.matMul(tf.ones([2, 3]), tf.ones([3, 2])).dataSync();
if (tf.getBackend() !== 'tensorflow' || c[0] !== 3) process.exit(3);
`;

/** Folder of the installed tfjs-node package, or null (it is an optional dependency). */
function packageFolder() {
  try {
    return path.dirname(require.resolve('@tensorflow/tfjs-node/package.json'));
  } catch {
    return null;
  }
}

/** Where tfjs-node looks for its binding (N-API version 8, every Node from 16 on). */
const linkPath = (packageDir) => path.join(packageDir, 'lib', 'napi-v8', BINDING);

/** Name of the cache folder: the library's version and the binding's. */
function entryName(packageDir) {
  const { version } = require(path.join(packageDir, 'package.json'));
  return `tfjs-node-${version}-${pins.tensorflow.package}-${pins.tensorflow.version}-${platform}`;
}

/** Makes tfjs-node loadable. Returns a word for the summary: `ready`, `linked` (from the cache) or `built`. */
export async function ensureNativeBinding({ force = false } = {}) {
  const packageDir = packageFolder();
  if (!packageDir) throw new SetupProblem('@tensorflow/tfjs-node is not installed', 'npm install --include=optional');
  const link = linkPath(packageDir);
  const name = entryName(packageDir);
  if (!force && isReady(link, name)) return 'ready';
  const cached = force ? null : findCached(name, BINDING);
  const binding = cached ?? path.join(await buildEntry(name, packageDir, force), BINDING);
  const unloadable = path.join(path.dirname(binding), 'unloadable');
  if (existsSync(unloadable)) throw new SetupProblem(readFileSync(unloadable, 'utf8'), 'npm run setup -- --force');
  placeLink(link, binding);
  try {
    await verify(packageDir);
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
  return target === null || path.basename(path.dirname(target)) === name;
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

async function buildEntry(name, packageDir, force) {
  const pin = pins.tensorflow;
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
      const unpacked = path.join(folder, 'tensorflow');
      for (const library of ['libtensorflow_cc', 'libtensorflow_framework']) {
        renameSync(path.join(unpacked, `${library}.so.2`), path.join(folder, `${library}.so.2`));
      }
      await compile(packageDir, path.join(unpacked, 'include'), folder);
      rmSync(unpacked, { recursive: true });
      say(`native tensor backend built after ${seconds()}`);
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
