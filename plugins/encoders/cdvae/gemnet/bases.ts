import { addRadialBasis } from '../../../../lib/crystal/radial-basis.js';
import type { CrystalEdges } from './edges.js';
import type { GemNetOptions } from './options.js';

/**
 * Gaussians of the distance, centres evenly from 0 to the cutoff and as wide as they are apart, times the envelope.
 * @param out filled from row `first` on with rows of R numbers, one an edge; must hold zeros
 */
export function fillRadialBasis(edges: CrystalEdges, options: GemNetOptions, out: Float32Array, first: number): void {
  const { radialFunctions: R, cutoff, envelopeExponent } = options;
  for (let e = 0; e < edges.count; e++)
    addRadialBasis((edges.distance[e] as number) / cutoff, R, envelopeExponent, out, (first + e) * R);
}

/**
 * Spherical harmonics Y_l0 of the angle between two edges into the same atom, l < S: sqrt((2l + 1) / 4 pi) P_l(cos).
 *
 * For target atom a, its k-th edge and its j-th: out[a][k][l][j], zero for j = k and where an atom has fewer than K
 * edges. Triplets then need no list: all messages into the edges of an atom are one matrix product.
 *
 * @param out filled from atom `first` on with n x (K S) x K numbers; must hold zeros
 */
export function fillAngularBasis(edges: CrystalEdges, S: number, K: number, out: Float32Array, first: number): void {
  const { direction, target } = edges;
  const factors = Float64Array.from({ length: S }, (_, l) => Math.sqrt((2 * l + 1) / (4 * Math.PI)));
  for (let begin = 0, end = 0; begin < edges.count; begin = end) {
    const atom = target[begin] as number;
    while (end < edges.count && target[end] === atom) end++;
    const base = (first + atom) * K * S * K;
    for (let k = 0; k < end - begin; k++) {
      const p = 3 * (begin + k);
      for (let j = 0; j < k; j++) {
        const q = 3 * (begin + j);
        const dot =
          (direction[p] as number) * (direction[q] as number) +
          (direction[p + 1] as number) * (direction[q + 1] as number) +
          (direction[p + 2] as number) * (direction[q + 2] as number);
        const x = dot > 1 ? 1 : dot < -1 ? -1 : dot;
        const here = base + k * S * K + j;
        const there = base + j * S * K + k;
        let before = 0;
        let value = 1;
        for (let l = 0; l < S; l++) {
          const y = (factors[l] as number) * value;
          out[here + l * K] = y;
          out[there + l * K] = y;
          const next = ((2 * l + 1) * x * value - l * before) / (l + 1);
          before = value;
          value = next;
        }
      }
    }
  }
}
