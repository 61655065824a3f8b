const GROW = 1.2;
const SHRINK = 0.5;

/**
 * Steps that follow the sign of a gradient upwards, each coordinate with a step size of its own that grows while the
 * sign stays and shrinks when it turns (iRprop-, Igel and Huesken 2003). Needs no scale of the gradient.
 *
 * @param gradient of what is maximised, at x
 * @param lower, upper x is kept inside
 */
export function* rprop(
  x: Float64Array,
  lower: Float64Array,
  upper: Float64Array,
  first: number,
  rounds: number,
  gradient: (x: Float64Array) => Float64Array,
): Generator<Float64Array> {
  const steps = new Float64Array(x.length).fill(first);
  const signs = new Float64Array(x.length);
  let at = x;
  for (let round = 0; round < rounds; round++) {
    const g = gradient(at);
    at = at.map((value, j) => {
      const sign = Math.sign(g[j] as number) || 0;
      const turn = sign * (signs[j] as number);
      if (turn > 0) steps[j] = (steps[j] as number) * GROW;
      if (turn < 0) steps[j] = (steps[j] as number) * SHRINK;
      signs[j] = turn < 0 ? 0 : sign;
      const to = value + (turn < 0 ? 0 : sign) * (steps[j] as number);
      return Math.min(upper[j] as number, Math.max(lower[j] as number, to));
    });
    yield at;
  }
}
