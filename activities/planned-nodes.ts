import type { NodeManifest } from '../schemas/artifact.js';
import { LcomsError } from '../schemas/errors.js';
import type { NodeTask, PlannedNode } from '../schemas/node.js';
import type { RunPlan } from '../schemas/run.js';
import type { Environment } from './environment.js';
import { readPlan } from './run-files.js';

/** Plans that a process keeps. */
const PLANS_HELD = 64;

const plans = new Map<string, Promise<RunPlan>>();

/** The plan of a run; a process keeps the newest few. */
export function planOf(env: Environment, runId: string): Promise<RunPlan> {
  const known = plans.get(runId);
  if (known) return known;
  const plan = readPlan(env.store.store, runId);
  plans.set(runId, plan);
  plan.catch(() => plans.delete(runId));
  // A process sees the trials of a whole sweep.
  for (const oldest of plans.keys()) if (plans.size > PLANS_HELD) plans.delete(oldest);
  return plan;
}

/** The same node of the run that this one was forked from. */
export async function parentNode(env: Environment, task: NodeTask): Promise<PlannedNode | undefined> {
  const { parent } = await planOf(env, task.runId);
  if (parent === undefined) return undefined;
  return (await planOf(env, parent)).nodes.find((n) => n.id === task.nodeId);
}

/** @throws LcomsError LCOMS_E_INTERNAL when the run has no such node */
export async function plannedNode(env: Environment, task: NodeTask): Promise<PlannedNode> {
  const node = (await planOf(env, task.runId)).nodes.find((n) => n.id === task.nodeId);
  if (!node) throw new LcomsError('LCOMS_E_INTERNAL', `run ${task.runId} has no node ${task.nodeId}`);
  return node;
}

/** The committed manifests of the nodes that this one needs, by node id. */
export async function inputManifests(env: Environment, task: NodeTask): Promise<Map<string, NodeManifest>> {
  const node = await plannedNode(env, task);
  const found = new Map<string, NodeManifest>();
  for (const [name, from] of Object.entries(node.needs)) {
    const ids = Array.isArray(from) ? from : [from];
    const keys = [task.inputs[name] ?? []].flat();
    for (const [i, id] of ids.entries()) {
      const key = keys[i];
      const manifest = key === undefined ? null : await env.store.findCommitted(key);
      if (!manifest)
        throw new LcomsError(
          'LCOMS_E_ARTIFACT_MISSING',
          `the result of node ${id}, which ${node.id} needs, is not in ${env.store.store.describe()}`,
        );
      found.set(id, manifest);
    }
  }
  return found;
}
