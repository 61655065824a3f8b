import type { ArgsDef } from 'citty';
import { homeOf } from '../activities/locations.js';
import { runningServer } from '../infra/temporal/embedded.js';
import { temporalAddress } from '../lib/temporal/address.js';
import type { Scorer } from '../plugins/contract/scorer.js';
import { pluginOptions } from './option-values.js';
import type { Output } from './output.js';
import { warnOfTestOnly } from './test-only.js';
import { openRegistry } from './workplace.js';

const DEFAULT_SCORER = 'scorer/chgnet';

/** Options of every verb that asks a scorer. */
export const SCORER_OPTIONS = {
  scorer: {
    type: 'string',
    valueHint: 'ID',
    description: `scorer plugin, with or without its kind (default ${DEFAULT_SCORER})`,
  },
  with: { type: 'string', valueHint: 'OPTIONS', description: "its options as YAML, e.g. '{model: 0.3.0}'" },
} as const satisfies ArgsDef;

/** A scorer outside of any run; one for tests only is named on stderr. Throws LCOMS_E_PLUGIN_NOT_FOUND, LCOMS_E_PLUGIN_OPTIONS and what loading it throws. */
export async function openScorer(
  use: string | undefined,
  options: string | undefined,
  output?: Output,
): Promise<Scorer> {
  const registry = await openRegistry();
  const { testContext } = await import('../plugins/testing/test-context.js');
  const id = idOf(use);
  const plugin = registry.findKind('scorer', id);
  const locked = registry.lock(id, pluginOptions(options) ?? {});
  if (output) warnOfTestOnly(output, [plugin]);
  const temporal = plugin.capabilities.remote ? (temporalAddress(process.env) ?? runningServer(homeOf())) : null;
  return await plugin.create(locked.options, testContext({ temporal }));
}

/** A bare name is a scorer's. */
const idOf = (use: string | undefined): string =>
  use === undefined || use.includes('/') ? (use ?? DEFAULT_SCORER) : `scorer/${use}`;

/** Names a scorer for tests only on stderr, for verbs that open it in other processes. Throws LCOMS_E_PLUGIN_NOT_FOUND. */
export async function warnOfScorer(output: Output, use: string | undefined): Promise<void> {
  warnOfTestOnly(output, [(await openRegistry()).findKind('scorer', idOf(use))]);
}
