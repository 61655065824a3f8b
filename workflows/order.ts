import { ApplicationFailure } from '@temporalio/workflow';
import { MAXIMUM_NODES, type WorkflowNode } from '../schemas/node.js';

/** Ids of the nodes that `node` needs, without repeats. */
export function needsOf(node: WorkflowNode): string[] {
  return [...new Set(Object.values(node.needs).flat())];
}

/**
 * The nodes with every one after all that it needs (Kahn; ties in the order given).
 * Throws a non-retryable failure LCOMS_E_DAG: too many nodes, an id given twice, an unknown need, or a cycle.
 */
export function topologicalOrder(nodes: readonly WorkflowNode[]): WorkflowNode[] {
  if (nodes.length > MAXIMUM_NODES) {
    throw refuse(
      `the run has ${nodes.length} nodes; a workflow holds at most ${MAXIMUM_NODES}: split it into several runs`,
    );
  }
  const byId = new Map(nodes.map((node) => [node.id, node]));
  if (byId.size < nodes.length) throw refuse('two nodes of the run have one id');
  const missing = new Map<string, number>();
  const dependents = new Map<string, WorkflowNode[]>();
  for (const node of nodes) {
    const needs = needsOf(node);
    missing.set(node.id, needs.length);
    for (const id of needs) {
      if (!byId.has(id)) throw refuse(`node ${node.id} needs ${id}, which is not in the run`);
      const list = dependents.get(id);
      if (list) list.push(node);
      else dependents.set(id, [node]);
    }
  }
  const order = nodes.filter((node) => missing.get(node.id) === 0);
  for (let i = 0; i < order.length; i++) {
    for (const dependent of dependents.get(order[i]?.id ?? '') ?? []) {
      const left = (missing.get(dependent.id) ?? 0) - 1;
      missing.set(dependent.id, left);
      if (left === 0) order.push(dependent);
    }
  }
  if (order.length < nodes.length) {
    const stuck = nodes.filter((node) => !order.includes(node)).map((node) => node.id);
    throw refuse(`the nodes ${stuck.slice(0, 10).join(', ')} need each other in a circle`);
  }
  return order;
}

function refuse(message: string): ApplicationFailure {
  return ApplicationFailure.create({
    message,
    type: 'LCOMS_E_DAG',
    nonRetryable: true,
    details: [{ code: 'LCOMS_E_DAG', message }],
  });
}
