import type { PipelineNode, Step } from '../../schemas/experiment.js';

/** A node of the pipeline in one replicate. */
export interface Replicate {
  node: PipelineNode;
  /** 0 for the first, whose ids and seeds are those of a run with one. */
  replicate: number;
  /** Id in the pipeline, from which the seed follows. */
  name: string;
}

/** The same for all replicates: data and its splits, the truth, what needs no luck, the table and the figures. */
const SHARED: readonly Step[] = ['prepare-data', 'known-structures', 'baselines', 'report', 'figures'];

/** Every node once, or `count` times (`encoder`, `encoder@1`, ...) when it or what it needs is random. */
export function replicated(pipeline: readonly PipelineNode[], count: number): Replicate[] {
  const steps = new Map(pipeline.map(({ id, step }) => [id, step]));
  const isShared = (id: string): boolean => SHARED.includes(steps.get(id) as Step);
  const idOf = (id: string, r: number): string => (r === 0 || isShared(id) ? id : `${id}@${r}`);
  const all = Array.from({ length: count }, (_, r) => r);
  return pipeline.flatMap((node) => {
    if (isShared(node.id)) {
      const gathered = (from: string | string[]): string | string[] => {
        const ids = [from].flat().flatMap((id) => [...new Set(all.map((r) => idOf(id, r)))]);
        return typeof from === 'string' && ids.length === 1 ? from : ids;
      };
      return [{ node: { ...node, needs: mapped(node.needs, gathered) }, replicate: 0, name: node.id }];
    }
    return all.map((r) => {
      const own = (from: string | string[]) =>
        typeof from === 'string' ? idOf(from, r) : from.map((id) => idOf(id, r));
      return { node: { ...node, id: idOf(node.id, r), needs: mapped(node.needs, own) }, replicate: r, name: node.id };
    });
  });
}

const mapped = <T>(needs: Record<string, T>, change: (from: T) => T): Record<string, T> =>
  Object.fromEntries(Object.entries(needs).map(([name, from]) => [name, change(from)]));
