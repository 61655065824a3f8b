import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { ArtifactStore, artifactDigest } from '../lib/artifacts/artifact-store.js';
import { machineText } from '../lib/machine.js';
import { LCOMS_VERSION } from '../lib/version.js';
import type { BlobRef, NodeManifest } from '../schemas/artifact.js';
import { LcomsError } from '../schemas/errors.js';
import type { NodeResult, NodeTask, PlannedNode, Progress } from '../schemas/node.js';
import { aliveStore } from './alive-store.js';
import { Paused } from './compute/protocol.js';
import { toRemoteError } from './compute/remote-error.js';
import { growingOptions, parentKey } from './dag/fork-node.js';
import { digestsRead } from './dag/input-digests.js';
import { nodeIdentity, nodeKey } from './dag/node-key.js';
import { STEPS } from './dag/steps.js';
import { type Environment, openEnvironment } from './environment.js';
import { makeContext } from './make-context.js';
import { MetricsRecorder } from './metrics/metrics-recorder.js';
import { NodeCheckpoints } from './node-checkpoints.js';
import { takeTurn, verified } from './node-turn.js';
import { inputManifests, parentNode, plannedNode, planOf } from './planned-nodes.js';
import { STEP_FUNCTIONS } from './steps/index.js';
import { Pruner } from './sweep/pruner.js';

export interface NodeHooks {
  signal: AbortSignal;
  /** Aborted when the run is to pause. Default: never. */
  pause?: AbortSignal;
  attempt: number;
  tick(progress: Progress): void;
  log(line: string): void;
  /** Metrics of a step of a training, as the plugin reports them. */
  report?(step: number, metrics: Record<string, number>): void;
}

let environment: Promise<Environment> | null = null;

/**
 * Runs one node of a run in this process, or finds its committed result: the whole of an activity but its transport.
 * @throws LcomsError; `retryable` says whether another attempt can help. Paused once `hooks.pause` has been heeded.
 */
export async function executeNode(task: NodeTask, given: NodeHooks): Promise<NodeResult> {
  environment ??= openEnvironment();
  let progress: Progress = { done: 0, total: 0, unit: '' };
  const tick = (now: Progress): void => given.tick((progress = now));
  const hooks = { ...given, tick };
  const opened = await environment;
  const env = { ...opened, store: new ArtifactStore(aliveStore(opened.store.store, () => given.tick(progress))) };
  const node = await plannedNode(env, task);
  const manifests = await inputManifests(env, task);
  const inputs = digestsRead(node, (id) => manifests.get(id));
  const identity = nodeIdentity(node, inputs);
  const key = nodeKey(identity);
  const committed = await verified(env, key, hooks);
  if (committed) return resultOf(node, committed, true, hooks.attempt);
  const turn = await takeTurn(env, key, hooks);
  if ('result' in turn) return resultOf(node, turn.result, true, hooks.attempt);
  try {
    return await makeNode(env, task, { node, manifests, inputs, identity, key }, hooks);
  } finally {
    await turn.lease.release();
  }
}

interface NodeToMake {
  node: PlannedNode;
  manifests: ReadonlyMap<string, NodeManifest>;
  inputs: ReturnType<typeof digestsRead>;
  identity: ReturnType<typeof nodeIdentity>;
  key: string;
}

/** Runs the step and commits what it made. */
async function makeNode(
  env: Environment,
  task: NodeTask,
  { node, manifests, inputs, identity, key }: NodeToMake,
  hooks: NodeHooks,
): Promise<NodeResult> {
  const metrics = new MetricsRecorder(env.store.store, task.runId, task.nodeId, (m) => hooks.log(`warning: ${m}`));
  const checkpoints = new NodeCheckpoints({
    store: env.store.store,
    key,
    metrics,
    parentKey: parentKey(await parentNode(env, task), node, inputs, env.registry),
    runId: task.runId,
    hooks,
  });
  const tmpDir = await mkdtemp(path.join(os.tmpdir(), 'lcoms-'));
  try {
    const pruner = await prunerOf(env, task, hooks);
    const { context, backend } = await makeContext({
      env,
      node,
      checkpoints,
      manifests,
      hooks: pruner ? watched(hooks, pruner) : hooks,
      metrics,
      tmpDir,
    });
    const started = performance.now();
    const cpu = process.cpuUsage();
    const made = await STEP_FUNCTIONS[node.step](context).catch((error: unknown) => {
      pruner?.signal.throwIfAborted();
      throw error;
    });
    await pruner?.settled();
    const spent = process.cpuUsage(cpu);
    hooks.signal.throwIfAborted();
    const blobs: BlobRef[] = [];
    for (const blob of made.blobs) blobs.push(await env.store.putBlob(blob.name, blob.bytes));
    const kind = STEPS[node.step].output;
    const manifest: NodeManifest = {
      version: 1,
      key,
      identity,
      artifact: { kind, digest: artifactDigest(kind, blobs), blobs },
      metrics: made.metrics,
      provenance: {
        createdAt: new Date().toISOString(),
        seconds: (performance.now() - started) / 1000,
        cpuSeconds: (spent.user + spent.system) / 1e6,
        backend: backend(),
        lcoms: LCOMS_VERSION,
        node: process.version,
        run: task.runId,
        machine: machineText(),
        ...(checkpoints.cost.count > 0 || checkpoints.cost.resumedAt !== null ? { checkpoints: checkpoints.cost } : {}),
      },
    };
    const { manifest: winner, created } = await env.store.commit(manifest);
    await metrics.end('succeeded', null);
    await checkpoints.finish(growingOptions(node, env.registry).length > 0);
    return resultOf(node, winner, !created, hooks.attempt);
  } catch (error) {
    if (hooks.signal.aborted || isStop(error)) await metrics.end('stopped', null);
    else await metrics.end('failed', toRemoteError(error).record);
    throw error;
  } finally {
    await rm(tmpDir, { recursive: true, force: true });
  }
}

/** Whether an attempt ended because its run is to pause, or its sweep wants no more of it. */
const isStop = (error: unknown): boolean =>
  error instanceof Paused || (error instanceof LcomsError && error.code === 'LCOMS_E_PRUNED');

/** Of a training that its sweep may end early. */
async function prunerOf(env: Environment, { runId, nodeId }: NodeTask, hooks: NodeHooks): Promise<Pruner | null> {
  const { trial } = await planOf(env, runId);
  if (trial?.prune?.node !== nodeId) return null;
  return new Pruner({ ...trial, prune: trial.prune }, env.store.store, hooks.log);
}

function watched(hooks: NodeHooks, pruner: Pruner): NodeHooks {
  return {
    ...hooks,
    signal: AbortSignal.any([hooks.signal, pruner.signal]),
    report: (step, metrics) => pruner.report(step, metrics),
  };
}

function resultOf(node: PlannedNode, manifest: NodeManifest, cached: boolean, attempt: number): NodeResult {
  return {
    id: node.id,
    key: manifest.key,
    cached,
    artifact: { digest: manifest.artifact.digest, bytes: manifest.artifact.blobs.reduce((s, b) => s + b.bytes, 0) },
    seconds: manifest.provenance.seconds,
    attempt,
    ...(typeof manifest.metrics['note'] === 'string' && { note: manifest.metrics['note'] }),
  };
}
