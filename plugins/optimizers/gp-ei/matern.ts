const ROOT5 = Math.sqrt(5);

/** Matern 5/2 correlation at squared scaled distance r2. */
export function matern(r2: number): number {
  const s = ROOT5 * Math.sqrt(r2);
  return (1 + s + (s * s) / 3) * Math.exp(-s);
}

/** Minus twice its derivative by r2: (5/3)(1 + sqrt(5) r) exp(-sqrt(5) r), finite at 0. */
export function maternSlope(r2: number): number {
  const s = ROOT5 * Math.sqrt(r2);
  return (5 / 3) * (1 + s) * Math.exp(-s);
}

/** Squared distance of a row of `a` and one of `b`, each coordinate over its length scale. */
export function scaledSquare(
  a: Float64Array,
  i: number,
  b: Float64Array,
  k: number,
  inverseSquares: Float64Array,
): number {
  const d = inverseSquares.length;
  let sum = 0;
  for (let j = 0; j < d; j++) {
    const step = (a[i * d + j] as number) - (b[k * d + j] as number);
    sum += step * step * (inverseSquares[j] as number);
  }
  return sum;
}
