import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { emptyFolder, lcoms, lcomsJson, ROOT } from './lcoms.js';

const PLUGIN = 'optimizer/hill-climb';

test('a package installed by path is used by name, and holds itself to the contract', async () => {
  const folder = emptyFolder();
  writeFileSync(path.join(folder, 'package.json'), '{"name": "mine", "private": true}');
  const example = path.join(ROOT, 'examples', 'plugin-hill-climb');
  const npm = ['install', '--install-links', '--legacy-peer-deps', '--offline', '--no-audit', '--no-fund', example];
  execFileSync('npm', npm, { cwd: folder, stdio: 'pipe' });
  // Stands for `npm install lcoms`.
  const modules = path.join(folder, 'node_modules');
  mkdirSync(modules, { recursive: true });
  symlinkSync(ROOT, path.join(modules, 'lcoms'));
  symlinkSync(path.join(ROOT, 'node_modules', 'zod'), path.join(modules, 'zod'));
  writeFileSync(
    path.join(folder, 'lcoms.config.ts'),
    "import { defineConfig } from 'lcoms';\nexport default defineConfig({ plugins: ['lcoms-plugin-hill-climb'] });\n",
  );

  const { document: listed } = await lcomsJson<{ id: string }[]>(folder, ['plugins', 'ls']);
  expect(listed.map(({ id }) => id)).toContain(PLUGIN);
  const own = path.join(modules, 'lcoms-plugin-hill-climb');
  const checked = await lcoms(folder, ['plugins', 'check', path.join(own, 'hill-climb.js')]);
  expect(checked.stdout + checked.stderr).toContain('It keeps the contract.');
  const spec =
    'apiVersion: 1\nname: mine\ncompounds: [MgO]\noptimizer: { use: optimizer/hill-climb, with: { budget: 9 } }\n';
  writeFileSync(path.join(folder, 'mine.yaml'), spec);
  const { document } = await lcomsJson<{ nodes: { step: string; plugin: string }[] }>(folder, ['plan', 'mine.yaml']);
  expect(document.nodes.find(({ step }) => step === 'optimize')?.plugin).toBe(`${PLUGIN}@1.0.0`);
  // Its own test, as `npm test` runs it in the package.
  const passed = execFileSync(process.execPath, ['--test', own], { cwd: own, encoding: 'utf8', env: { PATH: '' } });
  expect(passed).toMatch(/# pass 1\n# fail 0/);
});

test('a new plugin is a package that keeps the contract, and never replaces anything', async () => {
  const folder = emptyFolder();
  const { document } = await lcomsJson<{ plugin: string; file: string }>(folder, ['plugins', 'new', 'my-search']);
  expect(document.plugin).toBe('optimizer/my-search');
  const modules = path.join(folder, 'node_modules');
  mkdirSync(modules);
  symlinkSync(ROOT, path.join(modules, 'lcoms'));
  symlinkSync(path.join(ROOT, 'node_modules', 'zod'), path.join(modules, 'zod'));
  const checked = await lcoms(folder, ['plugins', 'check', document.file]);
  expect(checked.stdout).toContain('optimizer/my-search@1.0.0');
  expect(checked.stdout).toContain('It keeps the contract.');

  for (const [args, message] of [
    [['my-search'], 'it exists already'],
    [['other', '--kind', 'scorer'], 'there are skeletons of optimizer'],
    [['../evil'], 'lower-case letters'],
  ] as const) {
    const refused = await lcoms(folder, ['plugins', 'new', ...args]);
    expect(refused.code).toBe(2);
    expect(refused.stderr).toContain(message);
  }
  expect(readdirSync(folder).sort()).toEqual(['lcoms-plugin-my-search', 'node_modules']);
});
