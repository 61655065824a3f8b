// `npm run setup [-- --with-s3] [--gpu] [--webgpu] [--python] [--force]`: fetches what the registry can't bring. It never fails the
// install or the start: what could not be had is one line that says what happens instead and what mends it, and the exit
// code is 0.
import { ensureBinary } from './binaries.mjs';
import { BUILDS, ensureNativeBinding } from './native-binding.mjs';
import { hasNvidiaDriver } from './nvidia-driver.mjs';
import { ensureScoringPython } from './python.mjs';
import { say } from './steps.mjs';
import { pins } from './tool-cache.mjs';
import { ensureWebgpu } from './webgpu.mjs';

const OPTIONS = ['--with-s3', '--gpu', '--webgpu', '--python', '--force', '--verbose'];
const USAGE = `usage: npm run setup -- ${OPTIONS.map((option) => `[${option}]`).join(' ')}`;

/** What is said when it can't be had. */
const PYTHON = { title: 'the Python environment of calculators', instead: 'scorer/ase can not be used' };

/** Runs one step; a failure becomes one line. */
async function attempt(pin, step) {
  try {
    return await step();
  } catch (error) {
    const mend = error.mend ?? 'npm run setup -- --force';
    say(`not set up: ${pin.title} (${error.message}). Instead: ${pin.instead}. To mend: ${mend}`);
    return undefined;
  }
}

export async function setup(args) {
  const unknown = args.filter((arg) => !OPTIONS.includes(arg));
  if (unknown.length > 0) say(`ignored: ${unknown.join(' ')} (${USAGE})`);
  const options = { force: args.includes('--force') };
  const begun = Date.now();
  const binaries = args.includes('--with-s3') ? [pins.temporal, pins.seaweedfs] : [pins.temporal];
  const native = async () => {
    const processor = await attempt(pins.tensorflow, () => ensureNativeBinding(BUILDS.processor, options));
    if (!args.includes('--gpu') && !hasNvidiaDriver()) return processor;
    const cuda = await attempt(pins.tensorflowGpu, () => ensureNativeBinding(BUILDS.cuda, options));
    return cuda ? `${processor ?? 'none'}, CUDA build ${cuda}` : processor;
  };
  const [backend] = await Promise.all([
    native(),
    ...binaries.map((pin) => attempt(pin, () => ensureBinary(pin, options))),
    ...(args.includes('--python') ? [attempt(PYTHON, () => ensureScoringPython(options))] : []),
    ...(args.includes('--webgpu') ? [attempt(pins.webgpu, () => ensureWebgpu(options))] : []),
  ]);
  const seconds = (Date.now() - begun) / 1000;
  if (seconds > 2 || args.includes('--verbose')) {
    say(`done in ${seconds.toFixed(1)} s; tensor backend: ${backend ? `native (${backend})` : 'wasm'}`);
  }
}

await setup(process.argv.slice(2));
process.exit(0);
