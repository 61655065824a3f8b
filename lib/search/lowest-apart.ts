/** Latents of two starts that are nearer than this part of sqrt(d), standardised, are one. */
const ALIKE = 1e-3;

/**
 * Of the end points of a search the ones that go on: those of lowest value, no two alike, the lowest first; ties by place.
 * @param points m x d, standardised
 * @param values predicted energies; one that is no number comes last
 * @returns places in `values`; fewer than `keep` where fewer are different
 */
export function lowestApart(points: Float32Array, values: Float32Array, keep: number): number[] {
  const d = points.length / values.length;
  const row = (i: number): Float32Array => points.subarray(i * d, (i + 1) * d);
  const rank = (i: number): number => (Number.isFinite(values[i]) ? (values[i] as number) : Number.MAX_VALUE);
  const kept: number[] = [];
  for (const i of Array.from(values.keys()).sort((a, b) => rank(a) - rank(b) || a - b)) {
    if (kept.length === keep) break;
    if (kept.every((k) => distance(row(i), row(k)) > ALIKE * Math.sqrt(d))) kept.push(i);
  }
  return kept;
}

function distance(a: Float32Array, b: Float32Array): number {
  return Math.sqrt(a.reduce((sum, x, k) => sum + (x - (b[k] as number)) ** 2, 0));
}
