import type { CrystalGraph } from './graph.js';

/** The model's inputs for one crystal, as plain arrays; names and order as in the exported file. */
export interface Feeds {
  float: { vec: Float32Array; nat: Float32Array };
  int: Record<IntInput, BigInt64Array>;
}
export type IntInput = 'z' | 'src' | 'dst' | 'd2u' | 'u2d' | 'ac' | 'ab1' | 'ae1' | 'ab2' | 'ae2' | 'owner';

/** int64 written as 32-bit halves: all values are non-negative indices, and BigInt arithmetic is slow. */
class Int64Writer {
  readonly data: BigInt64Array;
  private readonly halves: Int32Array;
  private at = 0;

  constructor(length: number) {
    this.data = new BigInt64Array(length);
    this.halves = new Int32Array(this.data.buffer);
  }

  push(value: number): void {
    this.halves[this.at] = value;
    this.at += 2;
  }
}

/** The inputs for one crystal's graphs. */
export function feedsOf(graph: CrystalGraph): Feeds {
  const edges = graph.source.length;
  const angles = graph.angleAtom.length;
  const z = new Int64Writer(graph.atoms);
  const owner = new Int64Writer(graph.atoms);
  const src = new Int64Writer(edges);
  const dst = new Int64Writer(edges);
  const d2u = new Int64Writer(edges);
  const u2d = new Int64Writer(edges / 2);
  const ac = new Int64Writer(angles);
  const ab1 = new Int64Writer(angles);
  const ae1 = new Int64Writer(angles);
  const ab2 = new Int64Writer(angles);
  const ae2 = new Int64Writer(angles);
  for (const number of graph.numbers) {
    z.push(number);
    owner.push(0);
  }
  for (let e = 0; e < edges; e++) {
    src.push(graph.source[e] as number);
    dst.push(graph.target[e] as number);
    d2u.push(e >> 1);
    if (e % 2 === 0) u2d.push(e);
  }
  for (let k = 0; k < angles; k++) {
    const first = graph.angleFirst[k] as number;
    const second = graph.angleSecond[k] as number;
    ac.push(graph.angleAtom[k] as number);
    ab1.push(first >> 1);
    ae1.push(first);
    ab2.push(second >> 1);
    ae2.push(second);
  }
  return {
    float: { vec: Float32Array.from(graph.vectors), nat: Float32Array.of(graph.atoms) },
    int: {
      z: z.data,
      src: src.data,
      dst: dst.data,
      d2u: d2u.data,
      u2d: u2d.data,
      ac: ac.data,
      ab1: ab1.data,
      ae1: ae1.data,
      ab2: ab2.data,
      ae2: ae2.data,
      owner: owner.data,
    },
  };
}
