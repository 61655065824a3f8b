import type { ArtifactStore } from '../../lib/artifacts/artifact-store.js';
import type { Rng } from '../../lib/random/rng.js';
import type { NamedBytes, PluginContext } from '../../plugins/contract/context.js';
import type { Capabilities, PluginInstances } from '../../plugins/contract/define-plugin.js';
import type { NodeManifest } from '../../schemas/artifact.js';
import type { LockedPlugin, PlannedNode, Progress } from '../../schemas/node.js';
import type { PluginKind } from '../../schemas/plugin.js';

/** What a step works with. Inputs are verified manifests; blobs are read when asked for. */
export interface StepContext {
  node: PlannedNode;
  store: ArtifactStore;
  rng: Rng;
  signal: AbortSignal;
  tick(progress: Progress): void;
  log(line: string): void;
  /** The one manifest of an input. */
  input(name: string): NodeManifest;
  /** All manifests of a gathered input, in plan order; empty when an optional input is left out. */
  inputs(name: string): NodeManifest[];
  /** A blob of an artifact, digest verified. */
  blob(manifest: NodeManifest, name: string): Promise<Uint8Array>;
  /** All blobs of an artifact by name. */
  blobs(manifest: NodeManifest): Promise<ReadonlyMap<string, Uint8Array>>;
  /** An instance of the node's plugin, or of one of its helpers, with a context of its own. */
  create<K extends PluginKind>(kind: K, locked: LockedPlugin | null): Promise<PluginInstances[K]>;
  /** What a plugin says that it can do. */
  capabilities(kind: PluginKind, locked: LockedPlugin | null): Capabilities;
  /** A model loaded from an artifact, kept by the process for the next node that uses the same one. */
  loaded<T extends { dispose(): void | Promise<void> }>(digest: string, load: () => Promise<T>): Promise<T>;
  pluginContext: PluginContext;
}

/** What a step gives: blobs of its artifact, and numbers for the manifest. */
export interface StepResult {
  blobs: NamedBytes[];
  metrics: Record<string, number | string | boolean | null>;
}

export type StepFunction = (context: StepContext) => Promise<StepResult>;

/** JSON as bytes, for a blob. */
export function jsonBlob(name: string, value: unknown): NamedBytes {
  return { name, bytes: Buffer.from(`${JSON.stringify(value)}\n`) };
}

/** A JSON blob of an input, as the step that wrote it typed it. */
export async function readJson<T>(context: StepContext, manifest: NodeManifest, name: string): Promise<T> {
  return JSON.parse(Buffer.from(await context.blob(manifest, name)).toString('utf8')) as T;
}
