import { setImmediate as nextTurn } from 'node:timers/promises';
import { tf } from '../../../lib/tensor/tf.js';
import { groupBySize } from '../../training/batches-by-size.js';
import type { CrystalGraph } from './graph.js';
import { type GraphBatch, type GraphNetwork, graphBatch } from './network.js';

/** Pairs of atoms that go through the network at once: bounds memory. */
const PAIRS_AT_ONCE = 8192;

/** Runs of graphs of one size, as batches of tensors; `use` gets the places of the graphs too. Frees the tensors. */
export async function inBatches(
  graphs: readonly CrystalGraph[],
  radialFunctions: number,
  signal: AbortSignal,
  use: (batch: GraphBatch, places: readonly number[]) => void,
): Promise<void> {
  for (const [n, places] of groupBySize(graphs.map((g) => g.n))) {
    const together = Math.max(1, Math.floor(PAIRS_AT_ONCE / (n * n)));
    for (let at = 0; at < places.length; at += together) {
      signal.throwIfAborted();
      const some = places.slice(at, at + together);
      tf.tidy(() => {
        const batch = graphBatch(
          some.map((place) => graphs[place] as CrystalGraph),
          radialFunctions,
        );
        use(batch, some);
      });
      await nextTurn();
    }
  }
}

/** Standardised energies of graphs, in their order. */
export async function predict(
  network: GraphNetwork,
  graphs: readonly CrystalGraph[],
  radialFunctions: number,
  signal: AbortSignal,
): Promise<Float64Array> {
  const out = new Float64Array(graphs.length);
  await inBatches(graphs, radialFunctions, signal, (batch, places) => {
    network
      .apply(batch)
      .dataSync()
      .forEach((energy, k) => {
        out[places[k] as number] = energy;
      });
  });
  return out;
}
