import { expect, test } from 'vitest';
import { initBackend } from '../../../../../lib/tensor/backend.js';
import type { Plugin } from '../../../../../plugins/contract/define-plugin.js';
import { cdvae } from '../../../../../plugins/encoders/cdvae/index.js';
import { checkPlugin } from '../../../../../plugins/testing/check-plugin.js';
import { tinyPaper } from './harness.js';

test('the paper preset passes the contract kit', async () => {
  await initBackend();
  const options = tinyPaper({ checkpointSeconds: 0, epochs: 4, batchSize: 2, sampler: 'fast', fastLevels: 4 });
  const results = await checkPlugin(cdvae as unknown as Plugin, { with: options });
  expect(results.filter(({ ok }) => !ok)).toEqual([]);
  expect(results.length).toBeGreaterThan(10);
});
