import { constants } from 'node:fs';
import { access, readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import type { ArtifactStore } from '../../lib/artifacts/artifact-store.js';
import { hashJson, sha256 } from '../../lib/hashing/sha256.js';
import type { Plugin } from '../../plugins/contract/define-plugin.js';
import type { PluginRegistry } from '../../plugins/registry.js';
import type { NodeManifest } from '../../schemas/artifact.js';
import type { RunEnvironment } from '../../schemas/environment.js';
import { LcomsError } from '../../schemas/errors.js';
import type { ExperimentSpec } from '../../schemas/experiment.js';
import type { PlannedNode } from '../../schemas/node.js';
import type { RunPlan } from '../../schemas/run.js';
import { withCompoundSets } from './compound-sets.js';
import { expandSpec } from './expand.js';
import { digestsRead } from './input-digests.js';
import { nodeIdentity, nodeKey } from './node-key.js';
import { withSampledCompounds } from './sample-compounds.js';

/** How a planned node stands before anything runs. */
export interface NodePreview {
  id: string;
  step: string;
  plugin: string | null;
  /** Known when every input is a hit. */
  key: string | null;
  state: 'hit' | 'miss';
  why: string;
  needs: PlannedNode['needs'];
}

/** What is in the files that options name, by the names there. */
export type FileReferences = Record<string, PlannedNode['files'][string]>;

/**
 * The nodes of a spec, its compounds read or drawn, with the files that its options name put in as references (hashed,
 * and stored when asked).
 * @param known files that are not read again; what is read is put in
 */
export async function planNodes(
  spec: ExperimentSpec,
  registry: PluginRegistry,
  file: string,
  store: ArtifactStore | null,
  known: FileReferences = {},
): Promise<PlannedNode[]> {
  const read = withCompoundSets(spec, file, known);
  const drawn = await withSampledCompounds(read, registry, file, (options) => locateAll(options, file));
  const nodes = expandSpec(drawn, registry, file);
  for (const node of nodes) {
    if (!node.plugin) continue;
    const plugin = registry.find(node.plugin.id);
    const files = plugin.files?.(node.plugin.options) ?? {};
    for (const [option, given] of Object.entries(files)) {
      known[given] ??= await fileReference(given, option, file, store);
      node.files[option] = known[given];
    }
  }
  return nodes;
}

/** What the nodes of an earlier run took from files: a fork takes the same from files of the same names. */
export function filesOf(nodes: readonly PlannedNode[], registry: PluginRegistry): FileReferences {
  const known: FileReferences = {};
  for (const { plugin, files } of nodes) {
    const given = plugin === null ? {} : (registry.find(plugin.id).files?.(plugin.options) ?? {});
    for (const [option, name] of Object.entries(given)) if (files[option]) known[name] = files[option];
  }
  return known;
}

async function fileReference(
  given: string,
  option: string,
  specFile: string,
  store: ArtifactStore | null,
): Promise<PlannedNode['files'][string]> {
  const place = await locate(given, option, specFile);
  const bytes = await readFile(place);
  const name = path
    .basename(place)
    .replace(/[^A-Za-z0-9._-]/g, '_')
    .replace(/^[^A-Za-z0-9]/, 'f');
  return store ? await store.putBlob(name, bytes) : { digest: sha256(bytes), bytes: bytes.length, name };
}

/** Relative to the working folder first, as on a command line; then to the spec. */
async function locate(given: string, option: string, specFile: string): Promise<string> {
  for (const candidate of [path.resolve(given), path.resolve(path.dirname(specFile), given)]) {
    const readable = await access(candidate, constants.R_OK).then(
      () => true,
      () => false,
    );
    if (readable && (await stat(candidate)).isFile()) return candidate;
  }
  throw new LcomsError('LCOMS_E_FILE', 'no such file', { file: given, path: `data.with.${option}` });
}

async function locateAll(options: Record<string, string>, specFile: string): Promise<Record<string, string>> {
  const places = Object.entries(options).map(async ([option, given]) => [
    option,
    await locate(given, option, specFile),
  ]);
  return Object.fromEntries(await Promise.all(places)) as Record<string, string>;
}

/** The plugins that planned nodes name, helpers too, each once. */
export function pluginsOf(nodes: readonly PlannedNode[], registry: PluginRegistry): Plugin[] {
  const ids = nodes.flatMap((n) => [n.plugin, ...Object.values(n.helpers)]).flatMap((p) => (p ? [p.id] : []));
  return [...new Set(ids)].map((id) => registry.find(id));
}

/** The whole plan of a new run. */
export function makeRunPlan(
  spec: ExperimentSpec,
  registry: PluginRegistry,
  nodes: PlannedNode[],
  run: {
    runId: string;
    specFile: string | null;
    createdAt: string;
    lcoms: string;
    environment?: RunEnvironment;
    parent?: string;
  },
): RunPlan {
  const used = new Set(pluginsOf(nodes, registry).map(({ kind, name }) => `${kind}/${name}`));
  return {
    version: 1,
    runId: run.runId,
    name: spec.name,
    createdAt: run.createdAt,
    lcoms: run.lcoms,
    spec,
    specFile: run.specFile,
    specHash: hashJson(spec),
    plugins: registry.list().filter((m) => used.has(m.id)),
    nodes,
    ...(run.environment ? { environment: run.environment } : {}),
    ...(run.parent === undefined ? {} : { parent: run.parent }),
  };
}

/** Which nodes have a committed result. Nothing runs. */
export async function previewNodes(nodes: readonly PlannedNode[], store: ArtifactStore): Promise<NodePreview[]> {
  const manifests = new Map<string, NodeManifest>();
  const previews: NodePreview[] = [];
  for (const node of nodes) {
    const preview = {
      id: node.id,
      step: node.step,
      plugin: node.plugin && `${node.plugin.id}@${node.plugin.version}`,
      needs: node.needs,
    };
    const missing = Object.values(node.needs)
      .flat()
      .find((id) => !manifests.has(id));
    if (missing !== undefined) {
      previews.push({ ...preview, key: null, state: 'miss', why: `waits for ${missing}` });
      continue;
    }
    const key = nodeKey(
      nodeIdentity(
        node,
        digestsRead(node, (id) => manifests.get(id)),
      ),
    );
    const manifest = await store.findCommitted(key);
    if (manifest) manifests.set(node.id, manifest);
    previews.push({
      ...preview,
      key,
      state: manifest ? 'hit' : 'miss',
      why: manifest ? `made ${manifest.provenance.createdAt}` : 'no result with this key',
    });
  }
  return previews;
}
