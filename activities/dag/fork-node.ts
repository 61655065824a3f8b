import { type JsonDifference, jsonDifferences } from '../../lib/hashing/json-differences.js';
import type { PluginRegistry } from '../../plugins/registry.js';
import type { PlannedNode } from '../../schemas/node.js';
import { nodeIdentity, nodeKey } from './node-key.js';

/** What differs between two nodes, their inputs aside. */
export function nodeDifferences(before: PlannedNode, now: PlannedNode): JsonDifference[] {
  return jsonDifferences(nodeIdentity(before, {}), nodeIdentity(now, {}), false).sort((a, b) =>
    a.path < b.path ? -1 : 1,
  );
}

/** The differences that forbid to go on from the parent's checkpoint: all but numbers that may grow and did. */
export function hindrances(before: PlannedNode, now: PlannedNode, registry: PluginRegistry): JsonDifference[] {
  const growing = now.plugin === null ? [] : growingOptions(now, registry);
  return nodeDifferences(before, now).filter(({ path, before: old, now: young }) => {
    const option = /^plugin\.options\.(.+)$/.exec(path)?.[1];
    const grew = typeof old === 'number' && typeof young === 'number' && young > old;
    return !(option !== undefined && growing.includes(option) && grew) && option !== 'checkpointSeconds';
  });
}

/** Options of the node's plugin that may be larger in a fork that goes on from its checkpoint. */
export function growingOptions({ plugin }: PlannedNode, registry: PluginRegistry): string[] {
  if (plugin === null) return [];
  const found = registry.find(plugin.id);
  return found.growing?.(found.options.parse(plugin.options)) ?? [];
}

/** Key of the parent's node whose checkpoint the node may go on from, given the same inputs; null: it may not. */
export function parentKey(
  before: PlannedNode | undefined,
  now: PlannedNode,
  inputs: Record<string, string | string[]>,
  registry: PluginRegistry,
): string | null {
  if (before === undefined || hindrances(before, now, registry).length > 0) return null;
  return nodeKey(nodeIdentity(before, inputs));
}

/** Steps whose result a checkpoint carries on. */
const TRAININGS = new Set(['train-encoder', 'train-surrogate']);

/** Why a training of a fork can't go on where the parent's stands, in lines of `node: path was X, now Y`. */
export function forkHindrances(
  before: readonly PlannedNode[],
  now: readonly PlannedNode[],
  registry: PluginRegistry,
): string[] {
  const old = new Map(before.map((node) => [node.id, node]));
  const young = new Map(now.map((node) => [node.id, node]));
  const seen = new Set<string>();
  const lines: string[] = [];
  const look = (node: PlannedNode, training: boolean): void => {
    const parent = old.get(node.id);
    if (parent === undefined || seen.has(node.id)) return;
    seen.add(node.id);
    const found = training ? hindrances(parent, node, registry) : nodeDifferences(parent, node);
    lines.push(
      ...found.map(({ path, before: was, now: is }) => `${node.id}: ${path} was ${text(was)}, now ${text(is)}`),
    );
    for (const id of Object.values(node.needs).flat()) {
      const needed = young.get(id);
      // A training that goes on gives the trainings after it other inputs: that is what was asked for.
      if (needed !== undefined && !TRAININGS.has(needed.step)) look(needed, false);
    }
  };
  for (const node of now) if (TRAININGS.has(node.step)) look(node, true);
  return lines;
}

const text = (value: unknown): string => JSON.stringify(value) ?? 'absent';
