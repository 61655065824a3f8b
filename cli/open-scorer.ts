import type { ArgsDef } from 'citty';
import { homeOf } from '../activities/locations.js';
import { runningServer } from '../infra/temporal/embedded.js';
import { temporalAddress } from '../lib/temporal/address.js';
import type { Scorer } from '../plugins/contract/scorer.js';
import { pluginOptions } from './option-values.js';
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

/** A scorer outside of any run. Throws LCOMS_E_PLUGIN_NOT_FOUND, LCOMS_E_PLUGIN_OPTIONS and what loading it throws. */
export async function openScorer(use: string | undefined, options: string | undefined): Promise<Scorer> {
  const registry = await openRegistry();
  const { testContext } = await import('../plugins/testing/test-context.js');
  const id = use === undefined || use.includes('/') ? (use ?? DEFAULT_SCORER) : `scorer/${use}`;
  const plugin = registry.findKind('scorer', id);
  const locked = registry.lock(id, pluginOptions(options) ?? {});
  const temporal = plugin.capabilities.remote ? (temporalAddress(process.env) ?? runningServer(homeOf())) : null;
  return await plugin.create(locked.options, testContext({ temporal }));
}
