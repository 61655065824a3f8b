import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { BUILT_IN } from '../../plugins/built-in.js';
import { loadPluginFile, loadRegistry } from '../../plugins/config.js';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** Source of a plugin module that uses the package as its users do. */
const plugin = (name: string): string => `
  import { definePlugin } from 'lcoms';
  import { z } from 'zod';
  export default definePlugin({
    apiVersion: 1, kind: 'optimizer', name: '${name}', version: '0.1.0', cacheVersion: 0, summary: 'toy', cite: [],
    options: z.strictObject({ steps: z.number().default(3) }), capabilities: {},
    create: () => { throw new Error('not made in this test'); },
  });
`;

let folder = '';
const write = (file: string, text: string): string => {
  const target = path.join(folder, file);
  mkdirSync(path.dirname(target), { recursive: true });
  writeFileSync(target, text);
  return target;
};
const config = (plugins: string, head = ''): string =>
  write(
    'lcoms.config.ts',
    `${head}\nimport { defineConfig } from 'lcoms';\nexport default defineConfig({ plugins: ${plugins} });`,
  );
const ids = async (): Promise<string[]> => (await loadRegistry(folder)).list().map(({ id }) => id);
const failure = async (): Promise<unknown> => loadRegistry(folder).catch((error: unknown) => error);

beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'lcoms-config-'));
  mkdirSync(path.join(folder, 'node_modules'));
  symlinkSync(root, path.join(folder, 'node_modules', 'lcoms'));
  symlinkSync(path.join(root, 'node_modules', 'zod'), path.join(folder, 'node_modules', 'zod'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe('lcoms.config.ts', () => {
  it('is not needed: the built-in plugins are there without it', async () => {
    expect(await ids()).toEqual(BUILT_IN.map(({ kind, name }) => `${kind}/${name}`).sort());
  });

  it('brings a plugin from a TypeScript file beside it', async () => {
    write('plugins/mine.ts', `${plugin('mine')}\nexport type Extra = { typed: boolean };`);
    config(`['./plugins/mine.ts']`);
    const registry = await loadRegistry(folder);
    expect(registry.lock('optimizer/mine@0.1.0', {}).options).toEqual({ steps: 3 });
    const manifest = registry.list().find(({ id }) => id === 'optimizer/mine');
    expect(manifest?.source).toBe('./plugins/mine.ts');
  });

  it('brings plugins from an npm package by name, one or several', async () => {
    write(
      'node_modules/lcoms-plugin-toy/package.json',
      '{"name":"lcoms-plugin-toy","type":"module","exports":"./index.js"}',
    );
    write('node_modules/lcoms-plugin-toy/a.js', plugin('toy-a'));
    write('node_modules/lcoms-plugin-toy/b.js', plugin('toy-b'));
    const both = `import a from './a.js'; import b from './b.js'; export default [a, b];`;
    write('node_modules/lcoms-plugin-toy/index.js', both);
    config(`['lcoms-plugin-toy']`);
    expect(await ids()).toEqual(expect.arrayContaining(['optimizer/toy-a', 'optimizer/toy-b']));
  });

  it('brings a plugin object', async () => {
    write('mine.ts', plugin('mine'));
    config('[mine]', `import mine from './mine.ts';`);
    expect(await ids()).toContain('optimizer/mine');
  });

  it('may not take a built-in name', async () => {
    write('mine.ts', plugin('latent-gradient'));
    config(`['./mine.ts']`);
    expect(await failure()).toMatchObject({
      code: 'LCOMS_E_CONFIG',
      message: expect.stringMatching(/optimizer\/latent-gradient from \.\/mine\.ts .*built-in/),
    });
  });

  it.each([
    ['does not parse', 'export default {{{'],
    ['throws', `throw new Error('out of order');`],
    ['exports no object', 'export default 7;'],
    ['has plugins that are no list', `export default { plugins: 'mine' };`],
    ['names a file that is not there', `export default { plugins: ['./gone.ts'] };`],
    ['names a package that is not there', `export default { plugins: ['lcoms-plugin-gone'] };`],
    ['has a plugin that is none', 'export default { plugins: [7] };'],
  ])('that %s is an error naming the file', async (_what, text) => {
    const file = write('lcoms.config.ts', text);
    const error = await failure();
    expect(error).toMatchObject({ code: 'LCOMS_E_CONFIG', exitCode: 2 });
    expect((error as { where: string }).where).toContain(file);
  });

  it('with an object that is no definition is refused as an invalid plugin', async () => {
    write('lcoms.config.ts', `export default { plugins: [{ kind: 'optimizer', name: 'half' }] };`);
    expect(await failure()).toMatchObject({ code: 'LCOMS_E_PLUGIN_INVALID' });
  });
});

describe('a plugin file', () => {
  it('is named when its file is not there', async () => {
    await expect(loadPluginFile(path.join(folder, 'gone.ts'))).rejects.toMatchObject({ code: 'LCOMS_E_FILE' });
  });
});
