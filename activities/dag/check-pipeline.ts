import { LcomsError } from '../../schemas/errors.js';
import type { PipelineNode } from '../../schemas/experiment.js';
import { STEPS, type StepContract } from './steps.js';

/**
 * Checks the shape of a pipeline before anything runs: ids, inputs, kinds of artifact, fan-out, cycles.
 * @returns the nodes in an order in which every node comes after those that it needs.
 * @throws LcomsError LCOMS_E_DAG naming the node, the path in the file and the valid values.
 */
export function checkPipeline(pipeline: readonly PipelineNode[], file: string): PipelineNode[] {
  const byId = new Map<string, PipelineNode>();
  for (const [i, node] of pipeline.entries()) {
    if (byId.has(node.id))
      throw new LcomsError('LCOMS_E_DAG', `two nodes are called "${node.id}"`, { file, path: `pipeline[${i}].id` });
    byId.set(node.id, node);
  }
  for (const [i, node] of pipeline.entries()) {
    const contract = STEPS[node.step];
    const fail = (message: string, path: string) =>
      new LcomsError('LCOMS_E_DAG', `node "${node.id}" (${node.step}): ${message}`, {
        file,
        path: `pipeline[${i}].${path}`,
      });
    if (contract.perCompound && node.each === undefined)
      throw fail('this step runs once per compound: add `each: compound`', 'each');
    if (!contract.perCompound && node.each !== undefined) throw fail('this step runs once: take `each` out', 'each');
    if (node.method !== undefined && node.step !== 'score')
      throw fail('only score nodes name a method: take `method` out', 'method');
    if (contract.plugin === null && node.use !== undefined)
      throw fail('this step takes no plugin: take `use` out', 'use');
    checkInputs(node, contract, byId, fail);
  }
  return order(pipeline, byId, file);
}

function checkInputs(
  node: PipelineNode,
  contract: StepContract,
  byId: ReadonlyMap<string, PipelineNode>,
  fail: (message: string, path: string) => LcomsError,
): void {
  const valid = Object.keys(contract.inputs).join(', ') || 'none';
  for (const name of Object.keys(node.needs)) {
    if (!(name in contract.inputs)) throw fail(`there is no input "${name}"; the inputs are ${valid}`, `needs.${name}`);
  }
  for (const [name, input] of Object.entries(contract.inputs)) {
    const given = node.needs[name];
    if (given === undefined) {
      if (input.optional) continue;
      throw fail(`the input "${name}" (${input.kind}) is missing`, 'needs');
    }
    if (Array.isArray(given) && !input.gather)
      throw fail(`"${name}" takes one artifact, not those of ${given.join(', ')}`, `needs.${name}`);
    for (const from of [given].flat()) {
      const source = byId.get(from);
      if (!source)
        throw fail(`there is no node "${from}"; the nodes are ${[...byId.keys()].join(', ')}`, `needs.${name}`);
      const kind = STEPS[source.step].output;
      if (kind !== input.kind)
        throw fail(
          `"${name}" must be of kind ${input.kind}, but node "${from}" (${source.step}) gives ${kind}`,
          `needs.${name}`,
        );
      if (source.each !== undefined && node.each === undefined && !input.gather) {
        throw fail(`"${from}" runs once per compound, and "${name}" takes one artifact`, `needs.${name}`);
      }
    }
  }
}

/** Topological order, stable in the order written. */
function order(
  pipeline: readonly PipelineNode[],
  byId: ReadonlyMap<string, PipelineNode>,
  file: string,
): PipelineNode[] {
  const sorted: PipelineNode[] = [];
  const state = new Map<string, 'open' | 'done'>();
  const visit = (node: PipelineNode, trail: string[]): void => {
    if (state.get(node.id) === 'done') return;
    if (state.get(node.id) === 'open') {
      const cycle = [...trail.slice(trail.indexOf(node.id)), node.id].join(' -> ');
      throw new LcomsError('LCOMS_E_DAG', `the pipeline has a cycle: ${cycle}`, {
        file,
        path: `pipeline[${pipeline.indexOf(node)}].needs`,
      });
    }
    state.set(node.id, 'open');
    for (const from of Object.values(node.needs).flat()) {
      const source = byId.get(from);
      if (source) visit(source, [...trail, node.id]);
    }
    state.set(node.id, 'done');
    sorted.push(node);
  };
  for (const node of pipeline) visit(node, []);
  return sorted;
}
