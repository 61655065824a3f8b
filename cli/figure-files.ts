import type { ArtifactStore } from '../lib/artifacts/artifact-store.js';
import type { NodeManifest } from '../schemas/artifact.js';
import type { RunPlan } from '../schemas/run.js';

/** The figures of a run by name (search.svg, search.vl.json, ...), and what they say in words; nothing without any. */
export async function figuresOf(
  store: ArtifactStore,
  plan: RunPlan,
  manifests: ReadonlyMap<string, NodeManifest>,
): Promise<{ files: Map<string, Uint8Array>; words: string }> {
  const node = plan.nodes.find(({ step }) => step === 'figures');
  const files = new Map<string, Uint8Array>();
  for (const blob of (node && manifests.get(node.id))?.artifact.blobs ?? [])
    files.set(blob.name, await store.getBlob(blob));
  return { files, words: Buffer.from(files.get('figures.txt') ?? []).toString('utf8') };
}

/** The learning curves of a run's trainings as CSV, by file name: the node's id. A row an epoch. */
export async function learningCurvesOf(
  store: ArtifactStore,
  manifests: ReadonlyMap<string, NodeManifest>,
): Promise<Map<string, string>> {
  const curves = new Map<string, string>();
  for (const [id, { artifact }] of manifests) {
    const blob = artifact.blobs.find(({ name }) => name.endsWith('history.jsonl'));
    if (blob) curves.set(`${id}.csv`, csvOf(Buffer.from(await store.getBlob(blob)).toString('utf8')));
  }
  return curves;
}

/** JSON lines of numbers as CSV: epoch first, then by name; empty where a row has no such number. */
function csvOf(lines: string): string {
  const rows = lines
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as Record<string, number>);
  const names = [...new Set(rows.flatMap((row) => Object.keys(row)))].filter((name) => name !== 'epoch').sort();
  const columns = ['epoch', ...names];
  return `${[columns, ...rows.map((row) => columns.map((name) => row[name] ?? ''))].map((row) => row.join(',')).join('\n')}\n`;
}
