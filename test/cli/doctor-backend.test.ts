import { expect, test } from 'vitest';
import { checkBackend } from '../../cli/doctor-checks.js';
import type { BackendName } from '../../lib/tensor/backend.js';

const using = (name: BackendName, tried: [BackendName, string][] = []) => ({
  name,
  version: '1',
  threads: 1,
  device: null,
  tried: tried.map(([other, problem]) => ({ name: other, problem })),
});

test('a native backend on a machine without a GPU is nothing to warn about', () => {
  expect(checkBackend({ backend: using('tfjs-node'), nvidia: null }, {})).toEqual([]);
  expect(checkBackend({ backend: using('tfjs-node-gpu'), nvidia: 'NVIDIA A100' }, {})).toEqual([]);
  expect(checkBackend({ backend: null, nvidia: 'NVIDIA A100' }, {})).toEqual([]);
});

test('a slow backend is one warning, with the reason why the native one is not used', () => {
  for (const name of ['wasm', 'cpu'] as const) {
    const backend = using(name, [['tfjs-node', 'its binding is not built (npm run setup)']]);
    const [problem, ...others] = checkBackend({ backend, nvidia: null }, {});
    expect(others).toEqual([]);
    expect(problem).toMatchObject({ severity: 'warning', fix: 'npm run setup' });
    expect(problem?.message).toMatch(new RegExp(`runs on ${name}, .*slower.*tfjs-node: its binding is not built`));
    expect(checkBackend({ backend, nvidia: null }, { LCOMS_BACKEND: name })).toEqual([]);
  }
});

test('a GPU that lies idle is one warning, with the way to use it', () => {
  const backend = using('tfjs-node', [['tfjs-node-gpu', 'its binding is not built (npm run setup -- --gpu)']]);
  const [problem] = checkBackend({ backend, nvidia: 'NVIDIA A100' }, {});
  expect(problem).toMatchObject({ severity: 'warning', fix: 'npm run setup -- --gpu' });
  expect(problem?.message).toMatch(/^NVIDIA A100 is here, but not used \(tfjs-node-gpu: its binding is not built/);
});
