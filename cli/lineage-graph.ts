import type { NodeIdentity } from '../activities/dag/node-key.js';
import type { NodeManifest } from '../schemas/artifact.js';
import type { PlannedNode } from '../schemas/node.js';
import { groupOf } from './progress.js';
import type { RunFacts } from './run-facts.js';

/** What was made, or a file that came from outside. */
export interface LineageNode {
  id: string;
  kind: 'file' | 'node';
  /** Of a node: its step. */
  step: string | null;
  /** `kind/name@version`, or `kind/name` where only the result is left. */
  plugin: string | null;
  options: Record<string, unknown>;
  seed: string | null;
  key: string | null;
  /** Of the artifact, or of the file. */
  digest: string | null;
  bytes: number | null;
  /** Code and machine that made it. */
  provenance: NodeManifest['provenance'] | null;
}

export interface LineageEdge {
  from: string;
  to: string;
  /** Name of the input. */
  input: string;
}

export interface Lineage {
  nodes: LineageNode[];
  edges: LineageEdge[];
}

/** What made the nodes of a run, or one of them; every node after those that it needs. */
export function lineageOfRun({ plan, nodes, manifests }: RunFacts, of: string | null): Lineage {
  const planned = new Map(plan.nodes.map((node) => [node.id, node]));
  const records = new Map(nodes.map((node) => [node.id, node]));
  const wanted = new Set<string>();
  const visit = (id: string): void => {
    if (wanted.has(id)) return;
    wanted.add(id);
    for (const need of Object.values(planned.get(id)?.needs ?? {}).flat()) visit(need);
  };
  for (const id of of === null ? planned.keys() : [of]) visit(id);
  const graph = new GraphBuilder();
  for (const node of plan.nodes.filter(({ id }) => wanted.has(id))) {
    const record = records.get(node.id);
    const manifest = manifests.get(node.id);
    graph.add({
      ...ofPlanned(node),
      key: record?.key ?? null,
      digest: record?.artifact?.digest ?? null,
      bytes: record?.artifact?.bytes ?? null,
      provenance: manifest?.provenance ?? null,
    });
    for (const [option, file] of Object.entries(node.files))
      graph.file(file.digest, file.name, file.bytes, node.id, option);
    for (const [input, from] of Object.entries(node.needs))
      for (const id of [from].flat()) graph.edge({ from: id, to: node.id, input });
  }
  return graph;
}

function ofPlanned({ id, step, plugin, options, seed }: PlannedNode) {
  return {
    id,
    kind: 'node' as const,
    step,
    plugin: plugin && `${plugin.id}@${plugin.version}`,
    options: { ...plugin?.options, ...options },
    seed,
  };
}

/** What made a committed result, from the manifests alone: also when the run is forgotten. */
export function lineageOfManifest(target: NodeManifest, all: readonly NodeManifest[]): Lineage {
  const byDigest = new Map<string, NodeManifest>();
  // Equal artifacts have one maker here, the first; `all` is sorted by time.
  for (const manifest of all)
    if (!byDigest.has(manifest.artifact.digest)) byDigest.set(manifest.artifact.digest, manifest);
  const names = new Map<string, string>();
  const graph = new GraphBuilder();
  const visit = (manifest: NodeManifest): string => {
    const known = names.get(manifest.key);
    if (known !== undefined) return known;
    const identity = manifest.identity as unknown as NodeIdentity;
    const id = `${[identity.step, identity.options?.['formula']].filter(Boolean).join('/')} ${manifest.key.slice(0, 8)}`;
    names.set(manifest.key, id);
    const parents = Object.entries(identity.inputs ?? {}).flatMap(([input, digests]) =>
      [digests].flat().map((digest) => {
        const maker = byDigest.get(digest);
        return { input, digest, from: maker ? visit(maker) : null };
      }),
    );
    graph.add({
      id,
      kind: 'node',
      step: identity.step,
      plugin: identity.plugin?.id ?? null,
      options: { ...identity.plugin?.options, ...identity.options },
      seed: identity.seed,
      key: manifest.key,
      digest: manifest.artifact.digest,
      bytes: manifest.artifact.blobs.reduce((sum, { bytes }) => sum + bytes, 0),
      provenance: manifest.provenance,
    });
    for (const [option, digest] of Object.entries(identity.files ?? {})) graph.file(digest, option, null, id, option);
    for (const { input, digest, from } of parents) {
      if (from === null) graph.file(digest, 'an artifact that is gone', null, id, input);
      else graph.edge({ from, to: id, input });
    }
    return id;
  };
  visit(target);
  return graph;
}

class GraphBuilder implements Lineage {
  readonly nodes: LineageNode[] = [];
  readonly edges: LineageEdge[] = [];
  readonly #files = new Set<string>();

  add(node: LineageNode): void {
    this.nodes.push(node);
  }

  edge(edge: LineageEdge): void {
    this.edges.push(edge);
  }

  file(digest: string, name: string, bytes: number | null, to: string, input: string): void {
    const id = `${name} ${digest.slice(0, 8)}`;
    if (!this.#files.has(id)) {
      const nothing = { step: null, plugin: null, options: {}, seed: null, key: null, provenance: null };
      this.nodes.push({ ...nothing, id, kind: 'file', digest, bytes });
      this.#files.add(id);
    }
    this.edge({ from: id, to, input });
  }
}

/** A box of a drawing: one node, or all of a fan-out. */
export interface LineageBox {
  id: string;
  kind: LineageNode['kind'];
  members: LineageNode[];
}

/** Fan-outs as one box each, with one arrow between two boxes. */
export function boxesOf({ nodes, edges }: Lineage): { boxes: LineageBox[]; arrows: LineageEdge[] } {
  const boxOf = ({ id, kind }: LineageNode): string => (kind === 'file' ? id : groupOf(id));
  const boxes = new Map<string, LineageBox>();
  const places = new Map<string, string>();
  for (const node of nodes) {
    const id = boxOf(node);
    places.set(node.id, id);
    const box = boxes.get(id);
    if (box) box.members.push(node);
    else boxes.set(id, { id, kind: node.kind, members: [node] });
  }
  const arrows = new Map<string, LineageEdge>();
  for (const { from, to, input } of edges) {
    const [a, b] = [places.get(from), places.get(to)];
    if (a !== undefined && b !== undefined && a !== b) arrows.set(`${a} -> ${b}`, { from: a, to: b, input });
  }
  return { boxes: [...boxes.values()], arrows: [...arrows.values()] };
}
