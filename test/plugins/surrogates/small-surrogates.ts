import type { Surrogate } from '../../../plugins/contract/surrogate.js';
import { com } from '../../../plugins/surrogates/com/index.js';
import { ensemble } from '../../../plugins/surrogates/ensemble/index.js';
import { supervised } from '../../../plugins/surrogates/supervised/index.js';
import { testContext } from '../../../plugins/testing/test-context.js';

/** Makers of the surrogates over latents by name, with `small` as the options that all begin from. */
export const smallSurrogates = (small: object) => ({
  supervised: async (options: object) =>
    (await supervised.create(supervised.options.parse({ ...small, ...options }), testContext())) as Surrogate,
  com: async (options: object) =>
    (await com.create(com.options.parse({ ...small, ...options }), testContext())) as Surrogate,
  ensemble: async (options: object) =>
    (await ensemble.create(
      ensemble.options.parse({ ...small, members: 2, bootstrap: true, ...options }),
      testContext(),
    )) as Surrogate,
});
