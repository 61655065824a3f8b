const ROOT_PI = Math.sqrt(Math.PI);
/** Below it the series converges quickly, above it the continued fraction. */
const SERIES_BELOW = 2.2;

/**
 * The complementary error function of x >= 0, to about 1e-15 absolute (Abramowitz and Stegun 7.1.6 and 7.1.14).
 * @param gaussian exp(-x^2), which callers have at hand
 */
export function erfc(x: number, gaussian = Math.exp(-x * x)): number {
  if (x < SERIES_BELOW) {
    let term = x;
    let sum = x;
    for (let k = 1; term > 1e-17 * sum; k++) {
      term *= (2 * x * x) / (2 * k + 1);
      sum += term;
    }
    return 1 - (2 / ROOT_PI) * gaussian * sum;
  }
  let fraction = x;
  // Levels that it takes for 1e-16 of the first, with some to spare.
  for (let k = Math.ceil(8 + 220 / (x * x)); k > 0; k--) fraction = x + k / 2 / fraction;
  return gaussian / (ROOT_PI * fraction);
}
