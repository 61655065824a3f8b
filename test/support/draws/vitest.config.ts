import { fileURLToPath } from 'node:url';
import { mergeConfig } from 'vitest/config';
import base from '../../../vitest.config.js';

/** `npm run test:draws -- FILES`: properties with many more draws than `npm test` makes, for counterexamples that are rare. */
export default mergeConfig(base, {
  resolve: { alias: [{ find: /^fast-check$/, replacement: fileURLToPath(new URL('fast-check.ts', import.meta.url)) }] },
  test: { testTimeout: 3_600_000 },
});
