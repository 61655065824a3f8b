// `npm run setup [-- --with-s3] [-- --force]`: fetches what the registry can't bring. It never fails the install or the
// start: what could not be had is one line that says what happens instead and what mends it, and the exit code is 0.
import { ensureBinary } from './binaries.mjs';
import { ensureNativeBinding } from './native-binding.mjs';
import { say } from './steps.mjs';
import { pins } from './tool-cache.mjs';

const USAGE = 'usage: npm run setup -- [--with-s3] [--force] [--verbose]';

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
  const unknown = args.filter((arg) => !['--with-s3', '--force', '--verbose'].includes(arg));
  if (unknown.length > 0) say(`ignored: ${unknown.join(' ')} (${USAGE})`);
  const options = { force: args.includes('--force') };
  const begun = Date.now();
  const binaries = args.includes('--with-s3') ? [pins.temporal, pins.seaweedfs] : [pins.temporal];
  const [backend] = await Promise.all([
    attempt(pins.tensorflow, () => ensureNativeBinding(options)),
    ...binaries.map((pin) => attempt(pin, () => ensureBinary(pin, options))),
  ]);
  const seconds = (Date.now() - begun) / 1000;
  if (seconds > 2 || args.includes('--verbose')) {
    say(`done in ${seconds.toFixed(1)} s; tensor backend: ${backend ? `native (${backend})` : 'wasm'}`);
  }
}

await setup(process.argv.slice(2));
process.exit(0);
