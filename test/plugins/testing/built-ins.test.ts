import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { BUILT_IN } from '../../../plugins/built-in.js';
import type { Plugin } from '../../../plugins/contract/define-plugin.js';
import { com } from '../../../plugins/surrogates/com/index.js';
import { ensemble } from '../../../plugins/surrogates/ensemble/index.js';
import { supervised } from '../../../plugins/surrogates/supervised/index.js';
import { checkPlugin } from '../../../plugins/testing/index.js';
import { writeToyRows } from './toy-files.js';

const MLP = { width: 32, epochs: 4, batchSize: 16, learningRate: 1e-3, checkpointSeconds: 0 };

/** Options that train or search in a second and save often; files for data sets that have none of their own. */
const OPTIONS: Record<string, () => Record<string, unknown>> = {
  'surrogate/com': () => MLP,
  'surrogate/supervised': () => MLP,
  'surrogate/ensemble': () => ({ ...MLP, members: 3, bootstrap: true }),
  'surrogate/graph-network': () => ({ width: 16, blocks: 2, epochs: 4, batchSize: 4, checkpointSeconds: 0 }),
  'encoder/cdvae': () => ({ epochs: 4, latentDimension: 8, checkpointSeconds: 0, validateEvery: 2 }),
  'optimizer/gp-ei': () => ({ budget: 16, candidates: 32 }),
  'dataset/jsonl': () => ({ file: writeToyRows('jsonl') }),
  'dataset/cdvae-csv': () => ({ file: writeToyRows('csv') }),
};

const idOf = ({ kind, name }: Plugin): string => `${kind}/${name}`;
/** A remote one needs a server and a worker: its own test brings them to the kit (test/plugins/scorers/ase). */
const plugins = BUILT_IN.filter(({ capabilities }) => !capabilities.remote).map((plugin): [string, Plugin] => [
  idOf(plugin),
  plugin,
]);

describe.each(plugins)('%s', (id, plugin) => {
  it('passes the contract kit', async () => {
    const given = OPTIONS[id]?.();
    const results = await checkPlugin(plugin, given ? { with: given } : {});
    expect(results.filter(({ ok }) => !ok)).toEqual([]);
    expect(results.length).toBeGreaterThan(5);
    // Only these may be passed over, and for the reason given.
    const skipped = results.filter((result) => result.skipped !== undefined).map(({ name }) => name);
    expect(skipped.filter((name) => name !== 'a second opinion is of another model')).toEqual([]);
  });
});

describe.each([com, supervised, ensemble].map((plugin): [string, Plugin] => [idOf(plugin), plugin]))(
  '%s with the composition beside the latent and a second output',
  (id, plugin) => {
    it('passes the contract kit', async () => {
      const results = await checkPlugin(plugin, {
        with: { ...OPTIONS[id]?.(), composition: true, formationWeight: 0.5 },
      });
      expect(results.filter(({ ok, skipped }) => !ok || skipped !== undefined)).toEqual([]);
      expect(results.map(({ name }) => name)).toContain(
        'a composition counts by its fractions, and none but what was seen',
      );
    });
  },
);

describe('the package', () => {
  it('exports the kit as lcoms/testing', () => {
    const manifest = JSON.parse(readFileSync(new URL('../../../package.json', import.meta.url), 'utf8')) as {
      exports: Record<string, { default: string }>;
    };
    expect(manifest.exports['./testing']?.default).toBe('./dist/plugins/testing/index.js');
  });
});
