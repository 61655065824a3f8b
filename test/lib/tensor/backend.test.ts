import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { type BackendInfo, initBackend } from '../../../lib/tensor/backend.js';
import { threadCount } from '../../../lib/tensor/threads.js';

const run = promisify(execFile);
const script = fileURLToPath(new URL('./training-run.mjs', import.meta.url));

interface Outcome {
  name: string;
  identity: string;
  digest: string;
}

/** Trains in a fresh process. Rejects with what it wrote to standard error, if anything. */
async function train(env: Record<string, string>): Promise<Outcome> {
  const { stdout, stderr } = await run(process.execPath, [script], { env: { ...process.env, ...env } });
  if (stderr !== '') throw new Error(`unexpected output: ${stderr}`);
  return JSON.parse(stdout) as Outcome;
}

interface Choice extends BackendInfo {
  product: number[];
}

/** Chooses in a fresh process; drivers may write to standard error. */
async function choose(env: Record<string, string>): Promise<Choice> {
  const script = fileURLToPath(new URL('./choice-run.mjs', import.meta.url));
  const { stdout } = await run(process.execPath, [script], { env: { ...process.env, ...env } });
  return JSON.parse(stdout) as Choice;
}

/** Keeps a processor busy while `work` goes on. */
async function underLoad<T>(work: () => Promise<T>): Promise<T> {
  const busy = execFile(process.execPath, ['-e', 'for (const end = Date.now() + 120_000; Date.now() < end; );']);
  try {
    return await work();
  } finally {
    busy.kill('SIGKILL');
  }
}

describe('the choice of backend', () => {
  it('refuses names that it does not know, with the valid ones', async () => {
    await expect(initBackend({ force: 'webgl' })).rejects.toMatchObject({
      code: 'LCOMS_E_BACKEND',
      message: 'no backend is called "webgl"; the backends are tfjs-node-gpu, tfjs-node, wasm, cpu, webgpu',
    });
  });

  it('says why a forced backend does not load', async () => {
    const env = { LCOMS_BACKEND: 'tfjs-node-gpu', CUDA_VISIBLE_DEVICES: '' };
    await expect(train(env)).rejects.toThrowError(/no tensor backend loads \(tfjs-node-gpu: /);
  });

  it('takes the first of several that loads, and says why it is not an earlier one', async () => {
    const env = { LCOMS_BACKEND: 'tfjs-node-gpu, cpu,wasm', CUDA_VISIBLE_DEVICES: '' };
    expect(await choose(env)).toMatchObject({
      name: 'cpu',
      identity: 'cpu/4.22.0',
      product: [3, 3],
      tried: [{ name: 'tfjs-node-gpu', problem: expect.stringMatching(/no NVIDIA device|not installed/) }],
    });
    await expect(initBackend({ force: 'wasm,webgl' })).rejects.toThrowError(/no backend is called "webgl"/);
  });

  it('never falls on webgpu by itself, nor on a software device among others', async () => {
    const { name, tried } = await choose({ LCOMS_BACKEND: '' });
    expect([name, ...tried.map((other) => other.name)]).not.toContain('webgpu');
    const listed = await choose({ LCOMS_BACKEND: 'webgpu,wasm' });
    expect(listed.product).toEqual([3, 3]);
    if (listed.name === 'webgpu') expect(listed.identity).not.toMatch(/software/);
    else expect(listed.tried[0]?.problem).toMatch(/not set up|no Vulkan|only a software device|GLIBC/);
  });

  it('is made once, and a later call for another one is refused', async () => {
    const first = await initBackend({ force: 'wasm' });
    expect(await initBackend()).toBe(first);
    await expect(initBackend({ force: 'tfjs-node' })).rejects.toThrowError(/wasm is in use already/);
  });

  it('refuses thread counts that are none', () => {
    expect(threadCount({ LCOMS_THREADS: '3' })).toBe(3);
    expect(threadCount({})).toBeGreaterThanOrEqual(1);
    expect(() => threadCount({ LCOMS_THREADS: 'two' })).toThrowError('LCOMS_THREADS is "two"');
  });
});

/** Milliseconds that a training run in a process of its own may take on a machine that does much else. */
const SLOW = 300_000;

describe('same seed, same bytes, in different processes, idle or busy, with nothing else on the terminal', () => {
  it.each(['', '1', '2', '4'])(
    'on the preferred backend with LCOMS_THREADS=%s',
    async (LCOMS_THREADS) => {
      const first = await train({ LCOMS_THREADS });
      const second = await underLoad(() => train({ LCOMS_THREADS }));
      expect(second).toEqual(first);
      if (LCOMS_THREADS !== '' && first.name.startsWith('tfjs-node'))
        expect(first.identity).toContain(`/threads=${LCOMS_THREADS}/`);
    },
    SLOW,
  );

  it(
    'on wasm',
    async () => {
      const first = await train({ LCOMS_BACKEND: 'wasm' });
      expect(await underLoad(() => train({ LCOMS_BACKEND: 'wasm' }))).toEqual(first);
    },
    SLOW,
  );
});
