import {
  CancellationScope,
  CancelledFailure,
  defineQuery,
  defineSignal,
  isCancellation,
  proxyActivities,
  setHandler,
  workflowInfo,
} from '@temporalio/workflow';
import type { NodeActivities } from '../activities/node-activity.js';
import type { RunReport } from '../activities/record-status.js';
import type { NodeResult, NodeTask, WorkflowNode } from '../schemas/node.js';
import type { ErrorRecord, NodeRecord, NodeState, RunState } from '../schemas/run.js';
import { type ExperimentInput, type ExperimentResult, PAUSE_SIGNAL, STATUS_QUERY } from './contract.js';
import { isWorkerStop, nodeFailure } from './failure.js';
import { needsOf, topologicalOrder } from './order.js';
import { StatusRecorder } from './status-recorder.js';
import { Window } from './window.js';

const statusQuery = defineQuery<RunReport, []>(STATUS_QUERY);
const pauseSignal = defineSignal<[]>(PAUSE_SIGNAL);

/** Code of the error of a training that its sweep stopped. */
const PRUNED = 'LCOMS_E_PRUNED';

/** The server holds at most 2,000 pending activities of a workflow; there are three queues. */
const PENDING_PER_QUEUE = 300;

/**
 * Runs the nodes of one experiment: each as soon as all that it needs are done, on the task queue of its capability.
 * A node that fails fails the run, but what does not depend on it goes on to its end (results are kept and found
 * again by the next try); what depends on it is `cancelled`. Answers the query `status` with a RunReport. After the
 * signal `pause` nodes under way are cancelled (their workers, told by the mark in the store, let them write a checkpoint
 * first), the others are never begun, and the run ends as `paused`: starting it again goes on.
 */
export async function experiment(input: ExperimentInput): Promise<ExperimentResult> {
  const order = topologicalOrder(input.nodes);
  const records = new Map(input.nodes.map((node) => [node.id, queued(node)]));
  const windows = {
    io: new Window(PENDING_PER_QUEUE),
    cpu: new Window(PENDING_PER_QUEUE),
    score: new Window(PENDING_PER_QUEUE),
  };
  let state: RunState = 'running';
  let error: ErrorRecord | null = null;
  let pausing = false;
  const root = CancellationScope.current();
  const nodesScope = new CancellationScope();

  const report = (): RunReport => ({
    runId: input.runId,
    state,
    startedAt: workflowInfo().startTime.toISOString(),
    nodes: [...records.values()],
    error,
  });
  setHandler(statusQuery, report);
  setHandler(pauseSignal, () => {
    pausing = true;
    nodesScope.cancel();
  });
  const recorder = new StatusRecorder(report, input.timeouts?.statusInterval ?? 2_000, {
    local: input.trial === true,
    late: input.recordLate === true,
  });
  recorder.start();

  const update = (id: string, change: Partial<NodeRecord>): void => {
    const record = { ...(records.get(id) as NodeRecord), ...change };
    records.set(id, record);
    recorder.note(record);
  };

  const execute = async (node: WorkflowNode, results: Map<string, NodeResult>): Promise<NodeResult | null> => {
    update(node.id, { state: 'running', attempt: 1 });
    try {
      const result = await placeNode(input, node, results);
      update(node.id, {
        state: result.cached ? 'cached' : 'succeeded',
        key: result.key,
        attempt: result.attempt,
        seconds: result.seconds,
        artifact: result.artifact,
        ...(result.note !== undefined && { note: result.note }),
      });
      return result;
    } catch (thrown) {
      if (isCancellation(thrown)) {
        update(node.id, { state: unfinished() });
        return null;
      }
      const failure = nodeFailure(thrown, input.timeouts?.maximumAttempts ?? 10);
      const pruned = failure.error.code === PRUNED;
      update(node.id, { state: pruned ? 'pruned' : 'failed', ...failure });
      // What failed says more of a run than what its sweep stopped.
      if (error === null || (error.code === PRUNED && !pruned)) error = located(failure.error, node.id);
      return null;
    }
  };

  const unfinished = (): NodeState => (pausing && !root.consideredCancelled ? 'paused' : 'cancelled');
  const outcomes = new Map<string, Promise<NodeResult | null>>();
  for (const node of order) {
    const needs = Promise.all(needsOf(node).map((id) => outcomes.get(id) as Promise<NodeResult | null>));
    outcomes.set(
      node.id,
      nodesScope.run(async () => {
        const results = await needs;
        if (pausing || results.includes(null)) {
          update(node.id, { state: unfinished() });
          return null;
        }
        return windows[node.queue].run(() => {
          if (!pausing) return execute(node, new Map(results.map((r) => [(r as NodeResult).id, r as NodeResult])));
          update(node.id, { state: unfinished() });
          return Promise.resolve(null);
        });
      }),
    );
  }
  await Promise.all(outcomes.values());

  const cancelled = root.consideredCancelled;
  const paused = [...records.values()].some((record) => record.state === 'paused');
  const ended = error === null && paused ? 'paused' : endState(error);
  state = cancelled ? 'cancelled' : ended;
  await recorder.finish();
  if (cancelled) throw new CancelledFailure('the run was cancelled');
  return { runId: input.runId, state: ended, nodes: countStates(records), error };
}

function endState(error: ErrorRecord | null): ExperimentResult['state'] {
  if (error === null) return 'succeeded';
  return error.code === PRUNED ? 'pruned' : 'failed';
}

/** Hands a node to the queue of its capability until it is done or has failed for good. */
async function placeNode(
  { runId, prefix, timeouts = {} }: ExperimentInput,
  node: WorkflowNode,
  results: ReadonlyMap<string, NodeResult>,
): Promise<NodeResult> {
  const keyOf = (id: string): string => (results.get(id) as NodeResult).key;
  const task: NodeTask = {
    runId,
    nodeId: node.id,
    inputs: Object.fromEntries(
      Object.entries(node.needs).map(([name, ids]) => [name, typeof ids === 'string' ? keyOf(ids) : ids.map(keyOf)]),
    ),
  };
  for (let placement = 1; ; placement++) {
    const { runNode } = proxyActivities<NodeActivities>({
      taskQueue: `${prefix}-${node.queue}`,
      // The client finds the node of a pending activity by it.
      activityId: placement === 1 ? node.id : `${node.id}#${placement}`,
      summary: node.id,
      heartbeatTimeout: timeouts.heartbeat ?? 30_000,
      startToCloseTimeout: timeouts.startToClose ?? 24 * 3_600_000,
      cancellationType: 'WAIT_CANCELLATION_COMPLETED',
      retry: {
        initialInterval: timeouts.retryInitial ?? 1_000,
        backoffCoefficient: 2,
        maximumInterval: Math.max(timeouts.retryMaximum ?? 30_000, timeouts.retryInitial ?? 1_000),
        maximumAttempts: timeouts.maximumAttempts ?? 10,
      },
    });
    try {
      return await runNode(task);
    } catch (thrown) {
      if (!isWorkerStop(thrown)) throw thrown;
    }
  }
}

function queued({ id, step }: WorkflowNode): NodeRecord {
  return { id, step, state: 'queued', key: null, attempt: 0, seconds: null, artifact: null, error: null };
}

function located(error: ErrorRecord, id: string): ErrorRecord {
  return { ...error, where: error.where === undefined ? `node ${id}` : `node ${id}: ${error.where}` };
}

function countStates(records: ReadonlyMap<string, NodeRecord>): Partial<Record<NodeState, number>> {
  const counts: Partial<Record<NodeState, number>> = {};
  for (const { state } of records.values()) counts[state] = (counts[state] ?? 0) + 1;
  return counts;
}
