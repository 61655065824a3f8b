import type { Plugin } from '../plugins/contract/define-plugin.js';
import type { Output } from './output.js';

/** What is said of a plugin that is for tests only, wherever it is named. */
export const TEST_ONLY = 'for tests only: its energies are no results';

/** Says on stderr which of the plugins in use are for tests only. */
export function warnOfTestOnly(
  output: Output,
  plugins: readonly Pick<Plugin, 'kind' | 'name' | 'capabilities'>[],
): void {
  for (const { kind, name, capabilities } of plugins) {
    if (capabilities.testOnly) output.warn(`warning: ${kind}/${name} is ${TEST_ONLY}`);
  }
}
