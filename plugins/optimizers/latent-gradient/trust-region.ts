/** Balls about the starts (k x d) that their walks do not leave. */
export interface TrustRegion {
  starts: Float32Array;
  /** In standardised latents, Euclidean. */
  radius: number;
}

/** Part of the radius beyond which a point counts as held: points are rounded to single precision. */
const EDGE = 1 - 1e-4;

/** The point (length d) nearest to `point` in the ball of its start, set in place; one that lies inside keeps its bytes. */
export function keepInside({ starts, radius }: TrustRegion, start: number, point: Float32Array): void {
  const centre = starts.subarray(start * point.length, (start + 1) * point.length);
  const distance = between(centre, point);
  if (distance <= radius) return;
  const share = radius / distance;
  for (const [j, c] of centre.entries()) point[j] = c + share * ((point[j] as number) - c);
}

/** How many points (k x d) lie at the edge of their balls. */
export function heldAtEdge({ starts, radius }: TrustRegion, points: Float32Array, d: number): number {
  const row = (of: Float32Array, i: number) => of.subarray(i * d, (i + 1) * d);
  const count = points.length / d;
  return Array.from({ length: count }, (_, i) => between(row(starts, i), row(points, i))).filter(
    (distance) => distance >= EDGE * radius,
  ).length;
}

function between(a: Float32Array, b: Float32Array): number {
  return Math.sqrt(a.reduce((sum, x, j) => sum + (x - (b[j] as number)) ** 2, 0));
}
