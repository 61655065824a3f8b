import { hashJson } from '../../lib/hashing/sha256.js';
import type { LockedPlugin, PlannedNode } from '../../schemas/node.js';

/** What a node's result depends on, and nothing else. Its canonical JSON hashes to the node's key. */
export interface NodeIdentity extends Record<string, unknown> {
  step: string;
  stepVersion: number;
  plugin: PluginIdentity | null;
  helpers: Record<string, PluginIdentity>;
  options: Record<string, unknown>;
  /** Input name -> digest of the artifact. */
  inputs: Record<string, string | string[]>;
  files: Record<string, string>;
  seed: string;
}

interface PluginIdentity {
  id: string;
  cacheVersion: number;
  options: Record<string, unknown>;
}

function pluginIdentity({ id, cacheVersion, options }: LockedPlugin, files: readonly string[]): PluginIdentity {
  // A file counts by its content, not by where it lies. `also.0` is of the option `also`, a list.
  const named = new Set(files.map((file) => file.split('.')[0]));
  return {
    id,
    cacheVersion,
    options: Object.fromEntries(Object.entries(options).filter(([name]) => !named.has(name))),
  };
}

/** @param inputs digests of the input artifacts, by input name. */
export function nodeIdentity(node: PlannedNode, inputs: Record<string, string | string[]>): NodeIdentity {
  const files = Object.keys(node.files);
  return {
    step: node.step,
    stepVersion: node.stepVersion,
    plugin: node.plugin && pluginIdentity(node.plugin, files),
    helpers: Object.fromEntries(Object.entries(node.helpers).map(([kind, p]) => [kind, pluginIdentity(p, [])])),
    options: node.options,
    inputs,
    files: Object.fromEntries(Object.entries(node.files).map(([name, blob]) => [name, blob.digest])),
    seed: node.seed,
  };
}

/** sha256 of the canonical JSON of the identity. */
export function nodeKey(identity: NodeIdentity): string {
  return hashJson(identity);
}
