/** Spherical Bessel function of the first kind, j_l(x) for x >= 0, to close to double precision. */
export function sphericalBessel(l: number, x: number): number {
  // Upwards recurrence loses everything below x = l, the series converges everywhere but cancels for large x.
  if (x < l + 1) return powerSeries(l, x);
  let before = Math.sin(x) / x;
  if (l === 0) return before;
  let here = (before - Math.cos(x)) / x;
  for (let k = 1; k < l; k++) [before, here] = [here, ((2 * k + 1) / x) * here - before];
  return here;
}

/** x^l / (2l+1)!! times sum over k of (-x^2/2)^k / (k! (2l+3)(2l+5)...(2l+2k+1)). */
function powerSeries(l: number, x: number): number {
  let term = 1;
  for (let k = 1; k <= l; k++) term *= x / (2 * k + 1);
  let sum = term;
  for (let k = 1; Math.abs(term) > 1e-17 * Math.abs(sum); k++) {
    term *= (-0.5 * x * x) / (k * (2 * (l + k) + 1));
    sum += term;
  }
  return sum;
}

/** The first `count` positive zeros of j_0 to j_(orders-1), one row an order. */
export function sphericalBesselZeros(orders: number, count: number): Float64Array[] {
  // Zeros of j_l lie between those of j_(l-1), which are k pi for l = 0: each order needs one more of the order before.
  let row = Float64Array.from({ length: count + orders - 1 }, (_, k) => (k + 1) * Math.PI);
  const rows = [row.slice(0, count)];
  for (let l = 1; l < orders; l++) {
    const last = row;
    row = Float64Array.from({ length: last.length - 1 }, (_, k) => bisect(l, last[k] as number, last[k + 1] as number));
    rows.push(row.slice(0, count));
  }
  return rows;
}

function bisect(l: number, from: number, to: number): number {
  const rising = sphericalBessel(l, from) < 0;
  let [low, high] = [from, to];
  for (;;) {
    const middle = 0.5 * (low + high);
    if (middle <= low || middle >= high) return middle;
    if (sphericalBessel(l, middle) < 0 === rising) low = middle;
    else high = middle;
  }
}

/**
 * The radial part of the two-dimensional basis of DimeNet (Gasteiger et al. 2020, eq. 6): sqrt(2) / |j_(l+1)(z_ln)| j_l(z_ln
 * u), orthonormal over the unit ball, with z_ln the n-th zero of j_l.
 */
export class SphericalRadialBasis {
  private readonly zeros: Float64Array;
  private readonly norms: Float64Array;

  constructor(
    readonly spherical: number,
    readonly radial: number,
  ) {
    const rows = sphericalBesselZeros(spherical, radial);
    this.zeros = Float64Array.from(rows.flatMap((row) => [...row]));
    this.norms = this.zeros.map((zero, k) => Math.SQRT2 / Math.abs(sphericalBessel(Math.floor(k / radial) + 1, zero)));
  }

  /** Writes factor times all functions at u, spherical x radial numbers, to `out` from `offset` on. */
  write(u: number, factor: number, out: Float32Array, offset: number): void {
    for (let k = 0; k < this.zeros.length; k++) {
      const l = Math.floor(k / this.radial);
      out[offset + k] = factor * (this.norms[k] as number) * sphericalBessel(l, (this.zeros[k] as number) * u);
    }
  }
}

/**
 * Real spherical harmonics with m = 0, sqrt((2l+1)/(4 pi)) P_l(cosine) for l below `orders`: they depend on the polar angle
 * alone.
 * @param out `orders` numbers from `offset` on
 */
export function zonalHarmonics(cosine: number, orders: number, out: Float32Array, offset: number): void {
  let before = 0;
  let here = 1;
  for (let l = 0; l < orders; l++) {
    out[offset + l] = Math.sqrt((2 * l + 1) / (4 * Math.PI)) * here;
    [before, here] = [here, ((2 * l + 1) * cosine * here - l * before) / (l + 1)];
  }
}
