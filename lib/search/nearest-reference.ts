/**
 * Squared Euclidean distance of a point (length d) to the nearest of m reference points (m x d). `skip` leaves out one
 * row. Infinity when there is no row to compare with.
 */
export function nearestSquared(point: Float32Array, reference: Float32Array, skip = -1): number {
  const d = point.length;
  let nearest = Number.POSITIVE_INFINITY;
  for (let row = 0; row * d < reference.length; row++) {
    if (row === skip) continue;
    let sum = 0;
    // A sum that has passed the nearest one so far can't become nearer.
    for (let j = 0; j < d && sum < nearest; j++) {
      const step = (point[j] as number) - (reference[row * d + j] as number);
      sum += step * step;
    }
    if (sum < nearest) nearest = sum;
  }
  return nearest;
}

/** Rows whose neighbours are looked up for a percentile: more change it little and cost the square of their number. */
const MOST_ROWS = 1024;

/** Percentiles of reference points that are at hand: a second's work that every search of a run asks for. */
const known = new WeakMap<Float32Array, Map<number, number>>();

/**
 * Percentile (0 to 100, linear between ranks as numpy does) of the distances of reference points (m x d) to their
 * nearest neighbour among them. Over 1024 points, 1024 evenly spaced ones are looked up, against all of them.
 * NaN for fewer than two points. Remembered with the array, which must not change.
 */
export function neighbourDistancePercentile(reference: Float32Array, d: number, percentile: number): number {
  const remembered = known.get(reference) ?? new Map<number, number>();
  known.set(reference, remembered);
  const found = remembered.get(percentile) ?? percentileOf(reference, d, percentile);
  remembered.set(percentile, found);
  return found;
}

function percentileOf(reference: Float32Array, d: number, percentile: number): number {
  const m = reference.length / d;
  if (m < 2) return Number.NaN;
  const looked = Math.min(m, MOST_ROWS);
  const distances = Float64Array.from({ length: looked }, (_, i) => {
    const row = Math.floor((i * m) / looked);
    return Math.sqrt(nearestSquared(reference.subarray(row * d, (row + 1) * d), reference, row));
  }).sort();
  const rank = (percentile / 100) * (looked - 1);
  const low = distances[Math.floor(rank)] as number;
  const high = distances[Math.ceil(rank)] as number;
  return low + (rank - Math.floor(rank)) * (high - low);
}
