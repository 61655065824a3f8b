import { canonicalJson } from '../../../lib/hashing/canonical-json.js';
import type { NamedBytes } from '../../contract/context.js';

/** The blob of a trained surrogate that holds its learning curve; its model does not need it. */
export const HISTORY_BLOB = 'surrogate-history.jsonl';

/** What an epoch reported; trainEnergyModel names the metrics. */
export type EpochMetrics = { epoch: number } & Record<string, number>;

/** The learning curve as JSON lines, one an epoch, members by name: a store may give them back in another order. */
export function historyBlob(history: readonly EpochMetrics[]): NamedBytes {
  return { name: HISTORY_BLOB, bytes: Buffer.from(history.map((row) => `${canonicalJson(row)}\n`).join('')) };
}
