import { METRICS } from '../../lib/artifacts/layout.js';
import { sha256 } from '../../lib/hashing/sha256.js';

/** What the keys of a run's metrics begin with. */
export function runMetricsPrefix(runId: string): string {
  return `${METRICS}${runId}/`;
}

/** What the keys of a node's metrics begin with. The hash tells `CO` from `Co` on disks that do not. */
export function nodeMetricsPrefix(runId: string, nodeId: string): string {
  const name = nodeId.replaceAll(/[^A-Za-z0-9._-]/g, '_').slice(0, 80);
  return `${runMetricsPrefix(runId)}${name}-${sha256(nodeId).slice(0, 8)}/`;
}

/** Key of one part of what an attempt recorded. */
export function metricsKey(runId: string, nodeId: string, attempt: number, part: number): string {
  return `${nodeMetricsPrefix(runId, nodeId)}${String(attempt).padStart(6, '0')}-${String(part).padStart(4, '0')}.jsonl`;
}

/** Attempt and part of a key; null for what is not metrics. */
export function partOfKey(key: string): { folder: string; attempt: number; part: number } | null {
  const match = /^(.*\/)(\d{6})-(\d{4})\.jsonl$/.exec(key);
  return match ? { folder: match[1] as string, attempt: Number(match[2]), part: Number(match[3]) } : null;
}
