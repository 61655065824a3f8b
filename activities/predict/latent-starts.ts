import type { Rng } from '../../lib/random/rng.js';

/**
 * `count` raw latents to start from, count x d: training latents drawn at random, none twice before all were drawn once;
 * draws from the prior N(0, 1) of an autoencoder where there are none.
 * @param reference raw training latents, m x d
 */
export function drawLatents(reference: Float32Array, d: number, count: number, rng: Rng): Float32Array {
  const out = new Float32Array(count * d);
  const m = reference.length / d;
  if (m === 0) return rng.fillNormal(out) as Float32Array;
  const rows = Array.from({ length: m }, (_, i) => i);
  for (let i = 0; i < count; i++) {
    // Fisher-Yates, as far as needed, and from the start again once all are used up.
    const k = i % m;
    const other = k + rng.int(m - k);
    const row = rows[other] as number;
    rows[other] = rows[k] as number;
    rows[k] = row;
    out.set(reference.subarray(row * d, (row + 1) * d), i * d);
  }
  return out;
}
