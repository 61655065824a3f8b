import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import os from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { nvidiaDevice, requireCuda, setGpuEnvironment } from '../../../lib/tensor/nvidia.js';

const root = mkdtempSync(path.join(os.tmpdir(), 'lcoms-nvidia-'));
afterAll(() => {
  rmSync(root, { recursive: true, force: true });
});

function file(name: string, text = ''): string {
  const full = path.join(root, name);
  mkdirSync(path.dirname(full), { recursive: true });
  writeFileSync(full, text);
  return full;
}

describe.skipIf(process.platform !== 'linux')('the NVIDIA device', () => {
  it('is none without device files, whatever the driver says', () => {
    file('none/proc/driver/nvidia/gpus/0000:01:00.0/information', 'Model: \t\t NVIDIA A100\n');
    expect(nvidiaDevice({}, path.join(root, 'none'))).toBeNull();
  });

  it('has the name that the driver gives, and one where it gives none', () => {
    file('one/dev/nvidiactl');
    expect(nvidiaDevice({}, path.join(root, 'one'))).toBe('a GPU');
    file('one/proc/driver/nvidia/gpus/0000:01:00.0/information', 'Model: \t\t NVIDIA A100\nIRQ: 5\n');
    expect(nvidiaDevice({}, path.join(root, 'one'))).toBe('NVIDIA A100');
  });

  it.each(['', '-1', 'none'])('is hidden by CUDA_VISIBLE_DEVICES="%s"', (CUDA_VISIBLE_DEVICES) => {
    file('hidden/dev/nvidia0');
    expect(nvidiaDevice({ CUDA_VISIBLE_DEVICES }, path.join(root, 'hidden'))).toBeNull();
    expect(nvidiaDevice({ CUDA_VISIBLE_DEVICES: '0' }, path.join(root, 'hidden'))).toBe('a GPU');
  });
});

describe('the probe for CUDA', () => {
  const packageOf = (name: string, text: string): string => path.dirname(file(`${name}/index.js`, text));

  /** A library that finds a device, and what it computes there. */
  const library = (values: string): string =>
    `exports.backend = () => ({ isUsingGpuDevice: true });
     exports.ones = exports.matMul = exports.tanh = () => ({ dataSync: () => ${values} });`;

  it('passes over a device on which the library does not compute', () => {
    const failing = packageOf('fails', library("{ throw new Error('no kernel image is available'); }"));
    expect(() => requireCuda(failing, 'NVIDIA B200')).toThrowError(
      /^its library finds NVIDIA B200, but does not compute on it \(Error: no kernel image is available\)$/,
    );
    const crashing = packageOf('crashes-later', library('process.abort()'));
    expect(() => requireCuda(crashing, 'NVIDIA B200')).toThrowError(/does not compute on it \(SIGABRT\)$/);
    const wrong = packageOf('wrong', library('[0, 0, 0, 0]'));
    expect(() => requireCuda(wrong, 'NVIDIA B200')).toThrowError(/\(Error: wrong hyperbolic tangent of 2: 0\)$/);
  });

  it('takes a library that computes on the device', () => {
    const folder = packageOf('works', library('[0, 0, 0, Math.tanh(2)]'));
    expect(requireCuda(folder, 'NVIDIA A100')).toBe('NVIDIA A100');
  });

  it('does not even load the library without a device', () => {
    const folder = packageOf(
      'unused',
      `require('fs').writeFileSync(${JSON.stringify(path.join(root, 'loaded'))}, '');`,
    );
    expect(() => requireCuda(folder, null)).toThrowError('no NVIDIA device');
    expect(existsSync(path.join(root, 'loaded'))).toBe(false);
    expect(() => requireCuda(folder, 'NVIDIA A100')).toThrowError('does not load');
    expect(existsSync(path.join(root, 'loaded'))).toBe(true);
  });

  it('says what a library that does not load says', () => {
    const folder = packageOf('broken', "throw new Error('libcudart.so.12: cannot open shared object file');");
    expect(() => requireCuda(folder, 'NVIDIA A100')).toThrowError(
      /^its library does not load \(Error: libcudart\.so\.12: cannot open shared object file\)$/,
    );
    const crash = packageOf('crashes', 'process.abort();');
    expect(() => requireCuda(crash, 'NVIDIA A100')).toThrowError(/^its library does not load \(SIGABRT\)$/);
  });

  it('refuses the real library of the native backend, which has no CUDA', ({ skip }) => {
    const manifest = createRequire(import.meta.url).resolve('@tensorflow/tfjs-node/package.json');
    const folder = path.dirname(manifest);
    let problem = '';
    try {
      requireCuda(folder, 'NVIDIA A100');
    } catch (error) {
      problem = (error as Error).message;
    }
    skip(problem.includes('does not load'), 'the native library is not set up');
    expect(problem).toBe('its library loads, but finds no CUDA device (NVIDIA A100)');
  });
});

it('settings of the user stay', () => {
  const env: NodeJS.ProcessEnv = { NVIDIA_TF32_OVERRIDE: '1' };
  setGpuEnvironment(env);
  expect(env).toEqual({ NVIDIA_TF32_OVERRIDE: '1', TF_DETERMINISTIC_OPS: '1', TF_FORCE_GPU_ALLOW_GROWTH: 'true' });
});
