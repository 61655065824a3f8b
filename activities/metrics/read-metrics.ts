import type { ObjectStore, StoredObject } from '../../lib/artifacts/object-store.js';
import {
  type AttemptEnd,
  type AttemptHeader,
  type MetricsLine,
  type MetricsRow,
  metricsLineSchema,
} from '../../schemas/metrics.js';
import { nodeMetricsPrefix, partOfKey, runMetricsPrefix } from './layout.js';

/** What one attempt at a node recorded. */
export interface AttemptMetrics extends AttemptHeader {
  /** All that it reported, also what a later attempt reported again. */
  rows: MetricsRow[];
  /** null when it is under way or its process was killed. */
  end: AttemptEnd | null;
}

/** What was recorded of a node in one run. */
export interface NodeMetrics {
  node: string;
  /** Oldest first. */
  attempts: AttemptMetrics[];
  /** The metrics of the training as one: no step twice, what followed the checkpoint of a resume left out. */
  rows: MetricsRow[];
}

/** Metrics of every node of a run that reported any, by node id. */
export async function readRunMetrics(store: ObjectStore, runId: string): Promise<Map<string, NodeMetrics>> {
  return await readUnder(store, runMetricsPrefix(runId));
}

/** Metrics of one node; null when it reported none. */
export async function readNodeMetrics(store: ObjectStore, runId: string, nodeId: string): Promise<NodeMetrics | null> {
  return (await readUnder(store, nodeMetricsPrefix(runId, nodeId))).get(nodeId) ?? null;
}

async function readUnder(store: ObjectStore, prefix: string): Promise<Map<string, NodeMetrics>> {
  const objects: StoredObject[] = [];
  for await (const object of store.list(prefix)) objects.push(object);
  objects.sort((a, b) => (a.key < b.key ? -1 : 1));
  const attempts = new Map<string, MetricsLine[]>();
  for (const { key } of objects) {
    const part = partOfKey(key);
    if (part === null) continue;
    const id = `${part.folder}${part.attempt}`;
    attempts.set(id, [...(attempts.get(id) ?? []), ...parseLines(await store.get(key))]);
  }
  const nodes = new Map<string, MetricsLine[][]>();
  for (const lines of attempts.values()) {
    const node = lines.flatMap((line) => ('header' in line ? [line.header.node] : []))[0];
    if (node !== undefined) nodes.set(node, [...(nodes.get(node) ?? []), lines]);
  }
  return new Map(
    [...nodes].map(([node, of]) => [node, { node, attempts: of.map(attemptOf), rows: joined(of) }] as const),
  );
}

/** Lines that this version can't read are passed over: they are a record, not a result. */
function parseLines(bytes: Uint8Array): MetricsLine[] {
  return Buffer.from(bytes)
    .toString('utf8')
    .split('\n')
    .flatMap((text) => {
      try {
        const parsed = metricsLineSchema.safeParse(JSON.parse(text));
        return parsed.success ? [parsed.data] : [];
      } catch {
        return [];
      }
    });
}

function attemptOf(lines: readonly MetricsLine[]): AttemptMetrics {
  const header = lines.flatMap((line) => ('header' in line ? [line.header] : []))[0] as AttemptHeader;
  const rows = lines.flatMap((line) => ('metrics' in line ? [line.metrics] : []));
  return { ...header, rows, end: lines.flatMap((line) => ('end' in line ? [line.end] : []))[0] ?? null };
}

/**
 * Attempts laid one after the other: one that went on from a checkpoint keeps what had been logged when it was saved, one
 * that began anew keeps nothing. A checkpoint without metrics since the one before has no mark of its own.
 */
function joined(attempts: readonly MetricsLine[][]): MetricsRow[] {
  let kept: MetricsLine[] = [];
  for (const lines of attempts) {
    for (const line of lines) {
      if ('header' in line) kept = kept.slice(0, loggedBy(kept, line.header.resumedFrom));
      else if (!('end' in line)) kept.push(line);
    }
  }
  return kept.flatMap((line) => ('metrics' in line ? [line.metrics] : []));
}

function loggedBy(lines: readonly MetricsLine[], step: number | null): number {
  if (step === null) return 0;
  return 1 + lines.findLastIndex((line) => 'checkpoint' in line && line.checkpoint <= step);
}
