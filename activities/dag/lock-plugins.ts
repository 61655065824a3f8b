import type { Plugin } from '../../plugins/contract/define-plugin.js';
import type { PluginRegistry } from '../../plugins/registry.js';
import type { ExperimentSpec, PipelineNode } from '../../schemas/experiment.js';
import type { LockedPlugin } from '../../schemas/node.js';
import type { PluginKind } from '../../schemas/plugin.js';

/** Slot of the spec that gives the plugin of a kind. */
const SLOT_OF: Readonly<Record<PluginKind, 'data' | 'encoder' | 'surrogate' | 'optimizer' | 'scorer'>> = {
  dataset: 'data',
  encoder: 'encoder',
  surrogate: 'surrogate',
  optimizer: 'optimizer',
  scorer: 'scorer',
};

/**
 * Locks the plugin of a kind that a node of the pipeline uses: the node's own; else, for a model that another node trains
 * (its input is called like the kind), that node's; else the spec's. A helper is never the node's own.
 * @returns a function that throws LcomsError naming the place in the file for an unknown plugin or wrong options
 */
export function lockerFor(
  spec: ExperimentSpec,
  pipeline: readonly PipelineNode[],
  registry: PluginRegistry,
  file: string,
) {
  const trainerOf = (kind: PluginKind, node: PipelineNode): PipelineNode | undefined =>
    pipeline.find(({ id }) => id === node.needs[kind]);
  return (
    kind: PluginKind,
    node: PipelineNode,
    role: 'own' | 'helper' = 'own',
    /** Options that a plugin has unless the spec says otherwise, instead of its own defaults. */
    defaults: (plugin: Plugin) => Record<string, unknown> = () => ({}),
  ): LockedPlugin => {
    const slot = SLOT_OF[kind];
    const named = [role === 'own' ? node : undefined, trainerOf(kind, node)].find((n) => n?.use !== undefined);
    const use = named?.use ?? spec[slot].use;
    const where = named === undefined ? slot : `pipeline node "${named.id}"`;
    const plugin = registry.findKind(kind, use, { file, path: `${where}.use` });
    const own = role === 'own' ? node.with : undefined;
    const options = named === undefined ? { ...spec[slot].with, ...own } : { ...named.with };
    return registry.lock(use, { ...defaults(plugin as Plugin), ...options }, { file, path: `${where}.with` });
  };
}
