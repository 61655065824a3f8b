import type { Rng } from '../../lib/random/rng.js';
import type { Row } from './training-rows.js';

type SizedRow = Row<{ n: number }>;

/** Positions of items by the number of atoms, sizes rising, positions in their order. */
export function groupBySize(sizes: readonly number[]): Map<number, number[]> {
  const groups = new Map<number, number[]>();
  for (const n of [...new Set(sizes)].sort((a, b) => a - b)) groups.set(n, []);
  sizes.forEach((n, i) => {
    groups.get(n)?.push(i);
  });
  return groups;
}

/** Batches in an epoch: fixed by the sizes of the crystals. */
export function batchesPerEpoch(rows: readonly SizedRow[], batchSize: number): number {
  let count = 0;
  for (const group of groupBySize(rows.map((r) => r.crystal.n)).values()) count += Math.ceil(group.length / batchSize);
  return count;
}

/** An epoch's batches: crystals of one size together, which ones and in which order drawn from `rng`. */
export function epochBatches<R extends SizedRow>(rows: readonly R[], batchSize: number, rng: Rng): R[][] {
  const shuffled = rng.shuffle(rows);
  const batches: R[][] = [];
  for (const group of groupBySize(shuffled.map((r) => r.crystal.n)).values())
    for (let i = 0; i < group.length; i += batchSize)
      batches.push(group.slice(i, i + batchSize).map((at) => shuffled[at] as R));
  return rng.shuffle(batches);
}
