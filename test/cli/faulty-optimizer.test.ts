import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { emptyFolder, expectOneScreen, lcoms, lcomsJson, ROOT, TINY_DATA } from './lcoms.js';

/** An optimizer that asks for one point, each coordinate at `x` of the box. */
const plugin = (name: string, x: string): string => `
import { definePlugin } from 'lcoms';
import { z } from 'zod';
const search = ({ dimension: d, lower, upper }) => {
  let told = 0;
  const point = Float32Array.from(lower, (low, j) => low + ${x} * (upper[j] - low));
  return {
    ask: () => (told > 0 ? null : { points: point, gradients: false }),
    tell: () => void told++,
    result: () => ({ points: point, values: Float32Array.of(-1), trace: [Float32Array.of(-1)] }),
    get evaluations() { return told; },
    state: () => new Uint8Array(0),
  };
};
export default definePlugin({
  apiVersion: 1, kind: 'optimizer', name: '${name}', version: '1.0.0', cacheVersion: 1, summary: 'faulty', cite: [],
  options: z.strictObject({}), capabilities: {},
  create: () => ({ start: search, restore: search }),
});
`;

const SPEC = `
apiVersion: 1
name: faulty
compounds: [NaCl]
data: {use: dataset/jsonl, with: {file: ${TINY_DATA}}}
scorer: {use: scorer/ewald-born-mayer}
steps:
  known-structures: {maxSteps: 60}
  start-structures: {fmax: 1, maxSteps: 100}
  score: {maxSteps: 60}
  baselines: {maxSteps: 60}
methods:
  - {name: sound, space: structure, optimizer: {use: optimizer/random, with: {budget: 40}}}
  - {name: nan, space: structure, optimizer: {use: optimizer/gives-nan}}
  - {name: outside, space: structure, optimizer: {use: optimizer/leaves-box}}
`;

test('an optimizer that asks for NaN or leaves the box fails its own node, by name, and no other', async () => {
  const folder = emptyFolder();
  const modules = path.join(folder, 'node_modules');
  mkdirSync(modules);
  symlinkSync(ROOT, path.join(modules, 'lcoms'));
  symlinkSync(path.join(ROOT, 'node_modules', 'zod'), path.join(modules, 'zod'));
  writeFileSync(path.join(folder, 'nan.mjs'), plugin('gives-nan', 'Number.NaN'));
  writeFileSync(path.join(folder, 'box.mjs'), plugin('leaves-box', '1.5'));
  writeFileSync(
    path.join(folder, 'lcoms.config.ts'),
    "import { defineConfig } from 'lcoms';\nexport default defineConfig({ plugins: ['./nan.mjs', './box.mjs'] });\n",
  );
  writeFileSync(path.join(folder, 'faulty.yaml'), SPEC);
  const finished = await lcoms(folder, ['run', 'faulty.yaml']);
  expect(finished.code).toBe(2);
  expectOneScreen(finished, 'LCOMS_E_PLUGIN_INVALID');
  expect(finished.stderr).toContain('node search-nan/NaCl');
  expect(finished.stderr).toMatch(/optimizer\/gives-nan asked for a point that is not finite/);
  expect(finished.stderr).toMatch(/optimizer\/leaves-box asked for a point outside the bounds/);
  const { document: runs } = await lcomsJson<{ runId: string }[]>(folder, ['ls']);
  const { document: run } = await lcomsJson<{ nodes: { id: string; state: string; attempt: number }[] }>(folder, [
    'show',
    runs[0]?.runId ?? '',
  ]);
  const states = Object.fromEntries(run.nodes.map(({ id, state }) => [id, state]));
  expect(states).toMatchObject({
    'search-sound/NaCl': 'succeeded',
    'score-sound/NaCl': 'succeeded',
    'search-nan/NaCl': 'failed',
    'search-outside/NaCl': 'failed',
    'score-nan/NaCl': 'cancelled',
    report: 'cancelled',
  });
  // Nothing that a second attempt could mend.
  expect(run.nodes.find(({ id }) => id === 'search-nan/NaCl')?.attempt).toBe(1);
}, 180_000);
