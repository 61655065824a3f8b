// The WebGPU backend: Dawn's binding for Node and tfjs's backend over it, from their npm packages into the tool cache. No
// dependencies of this package: Dawn's brings the libraries of every platform (108 MB), and few people want it.
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import path from 'node:path';
import { runStep, SetupProblem, say } from './steps.mjs';
import { entryName, findCached, makeEntry, pins } from './tool-cache.mjs';

const BACKEND_FILE = 'tf-backend-webgpu.node.js';

/** Makes sure that the two files of the WebGPU backend are in the tool cache. Returns `ready` or `fetched`. */
export async function ensureWebgpu({ force = false } = {}) {
  const pin = pins.webgpu;
  const name = entryName(pin);
  if (!force && findCached(name, 'dawn.node') && findCached(name, BACKEND_FILE)) return 'ready';
  say(`fetching ${pin.title} ${pin.backend.version} (Dawn ${pin.version}; ${pin.megabytes} MB, once per machine)`);
  await makeEntry(
    name,
    async (folder) => {
      const platform = `${process.platform}-${process.platform === 'darwin' ? 'universal' : process.arch}`;
      await unpack(pin, folder, `package/dist/${platform}`);
      await unpack(pin.backend, folder, `package/dist/${BACKEND_FILE}`);
      await runStep(process.execPath, ['-e', 'require(process.argv[1])', path.join(folder, 'dawn.node')], {
        label: 'loading Dawn',
        mend: 'a system with a newer C++ library (libstdc++)',
      });
    },
    { replace: force },
  );
  say(`${pin.title} is ready: LCOMS_BACKEND=webgpu asks for it`);
  return 'fetched';
}

/** Fetches the archive of a pinned npm package, checks its digest, and puts a file or the files of a folder in `folder`. */
async function unpack(pin, folder, member) {
  const scratch = path.join(folder, 'download');
  mkdirSync(scratch);
  const args = ['pack', `${pin.package}@${pin.version}`, '--ignore-scripts', '--silent', '--pack-destination', scratch];
  const npm = process.env.npm_execpath;
  const [command, first] = npm?.endsWith('.js') ? [process.execPath, [npm]] : ['npm', []];
  await runStep(command, [...first, ...args], { watch: scratch, label: `downloading ${pin.package} ${pin.version}` });
  const archive = path.join(scratch, readdirSync(scratch).find((file) => file.endsWith('.tgz')) ?? '');
  const digest = `sha512-${createHash('sha512').update(readFileSync(archive)).digest('base64')}`;
  if (digest !== pin.integrity) {
    throw new SetupProblem(`${pin.package} ${pin.version} is not what was pinned: ${digest}`, 'report this');
  }
  await runStep('tar', ['-xzf', archive, '-C', scratch, member], { label: `unpacking ${pin.package}` });
  const found = path.join(scratch, member);
  const files =
    existsSync(found) && member.endsWith('.js') ? [found] : readdirSync(found).map((f) => path.join(found, f));
  for (const file of files) renameSync(file, path.join(folder, path.basename(file)));
  rmSync(scratch, { recursive: true });
}
