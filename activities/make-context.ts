import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { Rng } from '../lib/random/rng.js';
import { temporalAddress } from '../lib/temporal/address.js';
import type { PluginContext } from '../plugins/contract/context.js';
import type { Plugin } from '../plugins/contract/define-plugin.js';
import type { NodeManifest } from '../schemas/artifact.js';
import { LcomsError } from '../schemas/errors.js';
import type { LockedPlugin, PlannedNode } from '../schemas/node.js';
import type { PluginKind } from '../schemas/plugin.js';
import type { Environment } from './environment.js';
import type { NodeHooks } from './execute-node.js';
import { LoadedModels } from './loaded-models.js';
import type { MetricsRecorder } from './metrics/metrics-recorder.js';
import type { NodeCheckpoints } from './node-checkpoints.js';
import type { StepContext } from './steps/context.js';

const models = new LoadedModels();
let lastDevice: PluginContext['device'] = null;

interface ContextParts {
  env: Environment;
  node: PlannedNode;
  checkpoints: NodeCheckpoints;
  manifests: ReadonlyMap<string, NodeManifest>;
  hooks: NodeHooks;
  metrics: MetricsRecorder;
  tmpDir: string;
}

/** The context of one node; `backend()` names the tensor backend if one was used. */
export async function makeContext(parts: ContextParts): Promise<{ context: StepContext; backend(): string | null }> {
  const { env, node, checkpoints, manifests, hooks, metrics: recorder, tmpDir } = parts;
  let device: PluginContext['device'] = null;
  let lastMetrics: Record<string, number> = {};

  const manifest = (id: string): NodeManifest => {
    const found = manifests.get(id);
    if (!found) throw new LcomsError('LCOMS_E_INTERNAL', `node ${node.id} reads ${id}, which it does not need`);
    return found;
  };
  const find = <K extends PluginKind>(kind: K, locked: LockedPlugin | null): Plugin<K> => {
    if (!locked) throw new LcomsError('LCOMS_E_INTERNAL', `node ${node.id} has no plugin of kind ${kind}`);
    return env.registry.findKind(kind, locked.id);
  };
  // A model that the process holds since an earlier node needs no device of this one's own.
  const usesTensors = [node.plugin, ...Object.values(node.helpers)].some(
    (locked) => locked !== null && env.registry.find(locked.id).capabilities.tensors,
  );
  const tick: NodeHooks['tick'] = (progress) => hooks.tick({ ...progress, metrics: lastMetrics });

  const pluginContext: PluginContext = {
    signal: hooks.signal,
    log: { info: hooks.log, warn: (m) => hooks.log(`warning: ${m}`) },
    rng: Rng.from(node.seed),
    checkpoint: checkpoints,
    report: ({ step, ...metrics }) => {
      lastMetrics = metrics;
      recorder.report({ step, ...metrics });
      hooks.log(JSON.stringify({ step, ...metrics }));
      hooks.report?.(step, metrics);
    },
    tick,
    tmpDir,
    files: await materialise(env, node, tmpDir),
    device: null,
    temporal: null,
  };

  const context: StepContext = {
    node,
    store: env.store,
    rng: Rng.from(node.seed),
    signal: hooks.signal,
    tick,
    log: hooks.log,
    input: (name) => {
      const from = node.needs[name];
      if (typeof from !== 'string')
        throw new LcomsError('LCOMS_E_INTERNAL', `node ${node.id} has no single input "${name}"`);
      return manifest(from);
    },
    inputs: (name) => [node.needs[name] ?? []].flat().map(manifest),
    blob: async (source, name) => {
      const ref = source.artifact.blobs.find((b) => b.name === name);
      if (!ref) throw new LcomsError('LCOMS_E_ARTIFACT_CORRUPT', `the artifact of ${source.key} has no ${name}`);
      return await env.store.getBlob(ref);
    },
    blobs: async (source) =>
      new Map(
        await Promise.all(source.artifact.blobs.map(async (ref) => [ref.name, await env.store.getBlob(ref)] as const)),
      ),
    create: async (kind, locked) => {
      const plugin = find(kind, locked);
      if (plugin.capabilities.tensors && !device) device = lastDevice = await initDevice();
      const temporal = plugin.capabilities.remote ? temporalAddress(process.env) : null;
      return await plugin.create(plugin.options.parse(locked?.options), { ...pluginContext, device, temporal });
    },
    capabilities: (kind, locked) => find(kind, locked).capabilities,
    loaded: (digest, load) => models.get(digest, load),
    pluginContext,
  };
  return {
    context,
    backend: () => (usesTensors ? ((device ?? lastDevice)?.backend ?? null) : null),
  };
}

async function initDevice(): Promise<NonNullable<PluginContext['device']>> {
  // Imported on demand: most nodes need no tensors, and the library takes most of a second to load.
  const { initBackend } = await import('../lib/tensor/backend.js');
  const { identity, threads } = await initBackend();
  return { backend: identity, threads };
}

/** The files that options name, as local copies of what was there when the run was planned. */
async function materialise(env: Environment, node: PlannedNode, tmpDir: string): Promise<Record<string, string>> {
  const files: Record<string, string> = {};
  for (const [option, ref] of Object.entries(node.files)) {
    const local = path.join(tmpDir, `${option}-${ref.name}`);
    await writeFile(local, await env.store.getBlob(ref));
    files[option] = local;
  }
  return files;
}
