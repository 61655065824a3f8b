import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { definePlugin, type Plugin } from '../../plugins/contract/define-plugin.js';
import { PluginRegistry } from '../../plugins/registry.js';
import { experimentSpecSchema } from '../../schemas/experiment.js';

const toy = (kind: 'optimizer' | 'dataset', name: string, version = '1.4.2'): Plugin =>
  definePlugin({
    apiVersion: 1,
    kind,
    name,
    version,
    cacheVersion: 3,
    summary: 'toy',
    cite: [],
    options: z.strictObject({ steps: z.number().int().min(1).default(50), mode: z.enum(['a', 'b']).default('a') }),
    capabilities: {},
    create: () => {
      throw new Error('not made in this test');
    },
  });

const registry = () =>
  new PluginRegistry()
    .add(toy('optimizer', 'latent-gradient'), 'built-in')
    .add(toy('optimizer', 'pso'), 'built-in')
    .add(toy('dataset', 'jsonl'), 'built-in');

describe('finding a plugin', () => {
  it('finds it by id, and by a range of versions', () => {
    for (const use of ['optimizer/pso', 'optimizer/pso@^1', 'optimizer/pso@~1.4.0', 'optimizer/pso@>=1.2 <2']) {
      expect(registry().find(use).name).toBe('pso');
    }
  });

  it('says which name is nearest and which there are', () => {
    const find = () => registry().find('optimizer/latent-gradeint', { file: 'e.yaml', path: 'optimizer.use' });
    expect(find).toThrow(
      expect.objectContaining({ code: 'LCOMS_E_PLUGIN_NOT_FOUND', where: 'e.yaml -> optimizer.use', exitCode: 2 }),
    );
    expect(find).toThrow(/Did you mean optimizer\/latent-gradient\? Known: optimizer\/latent-gradient, optimizer\/pso/);
  });

  it('suggests nothing far away, and no other kind', () => {
    expect(() => registry().find('optimizer/simulated-annealing')).toThrow(/^(?!.*Did you mean)/);
    expect(() => registry().find('scorer/pso')).toThrow(/none of kind "scorer"/);
  });

  it('refuses a version outside the range', () => {
    expect(() => registry().find('optimizer/pso@^2')).toThrow(/version 1\.4\.2, which is not in the range "\^2"/);
  });

  it('refuses a plugin of another kind where one is needed', () => {
    expect(() => registry().findKind('optimizer', 'dataset/jsonl')).toThrow(
      expect.objectContaining({ code: 'LCOMS_E_DAG' }),
    );
  });
});

describe('adding plugins', () => {
  it('refuses an id twice, naming both sources', () => {
    const twice = () => registry().add(toy('optimizer', 'pso', '9.0.0'), './mine.ts');
    expect(twice).toThrow(expect.objectContaining({ code: 'LCOMS_E_CONFIG' }));
    expect(twice).toThrow(/optimizer\/pso from \.\/mine\.ts .* built-in/);
  });

  it('lists manifests by id, with options as JSON Schema', () => {
    const list = registry().list();
    expect(list.map(({ id }) => id)).toEqual(['dataset/jsonl', 'optimizer/latent-gradient', 'optimizer/pso']);
    expect(list[0]?.options).toMatchObject({ type: 'object', properties: { steps: { default: 50 } } });
  });

  it.each([
    ['name', { name: 'PSO!' }],
    ['version', { version: 'one' }],
    ['apiVersion', { apiVersion: 2 }],
    ['options', { options: {} }],
    ['create', { create: 'later' }],
  ])('refuses a definition with a bad %s', (_what, change) => {
    const broken = { ...toy('optimizer', 'pso'), ...change } as unknown as Plugin;
    expect(() => definePlugin(broken)).toThrow(expect.objectContaining({ code: 'LCOMS_E_PLUGIN_INVALID' }));
  });
});

describe('locking options', () => {
  it('fills in defaults and names the exact version', () => {
    expect(registry().lock('optimizer/pso@^1', { steps: 7 })).toEqual({
      id: 'optimizer/pso',
      version: '1.4.2',
      cacheVersion: 3,
      options: { steps: 7, mode: 'a' },
    });
  });

  it('names unknown options with the valid ones, and bad values with their path', () => {
    const lock = (options: Record<string, unknown>) => () => registry().lock('optimizer/pso', options);
    expect(lock({ step: 7 })).toThrow(/unknown option "step"; the options are mode, steps/);
    expect(lock({ steps: 0 })).toThrow(/steps: /);
    expect(lock({ mode: 'c' })).toThrow(/mode: .*"a"\|"b"/);
    expect(lock({ mode: 'c' })).toThrow(expect.objectContaining({ code: 'LCOMS_E_PLUGIN_OPTIONS' }));
  });
});

describe('a spec', () => {
  it.each(['./evil.ts', '../evil', '/tmp/evil.mjs', 'npm-package', 'optimizer/../evil', 'file:///tmp/evil.js'])(
    'cannot load code: use: %s is refused',
    (use) => {
      const parsed = experimentSpecSchema.safeParse({ apiVersion: 1, name: 'x', optimizer: { use } });
      expect(parsed.success).toBe(false);
      expect(parsed.error?.issues[0]?.path).toEqual(['optimizer', 'use']);
    },
  );

  it('cannot bring plugins either', () => {
    expect(experimentSpecSchema.safeParse({ apiVersion: 1, name: 'x', plugins: ['./evil.ts'] }).success).toBe(false);
  });
});
