/** Below this spread of the members (standardised energy) the direction of its gradient is rounding noise: taken as 0. */
const LEAST_SPREAD = 1e-6;

/**
 * m + beta s of each of n rows: m the mean of the members' energies, s their standard deviation (population formula; 0
 * for one member). An upper bound, since energies are minimised: m - beta s would draw the search to where the members
 * know least.
 *
 * @param each a member's n energies
 */
export function pessimisticEnergies(each: readonly Float32Array[], beta: number): Float32Array {
  const rows = (each[0] as Float32Array).length;
  return Float32Array.from({ length: rows }, (_, row) => {
    const { mean, spread } = momentsOf(each, row);
    return mean + beta * spread;
  });
}

/**
 * d(m + beta s)/dz of each row, n x d: the mean over the K members of g_k (1 + beta (E_k - m) / s); the deviations sum to
 * 0, so dm/dz drops out of ds/dz.
 */
export function pessimisticGradients(
  each: readonly { energies: Float32Array; gradients: Float32Array }[],
  beta: number,
): Float32Array {
  const energies = each.map((member) => member.energies);
  const rows = (energies[0] as Float32Array).length;
  const d = rows === 0 ? 0 : (each[0]?.gradients.length ?? 0) / rows;
  const out = new Float32Array(rows * d);
  for (let row = 0; row < rows; row++) {
    const { mean, spread } = momentsOf(energies, row);
    const weights = energies.map((of) =>
      spread < LEAST_SPREAD ? 1 : 1 + (beta * ((of[row] as number) - mean)) / spread,
    );
    for (let at = row * d; at < (row + 1) * d; at++) {
      let sum = 0;
      each.forEach(({ gradients }, k) => {
        sum += (weights[k] as number) * (gradients[at] as number);
      });
      out[at] = sum / each.length;
    }
  }
  return out;
}

function momentsOf(each: readonly Float32Array[], row: number): { mean: number; spread: number } {
  const mean = each.reduce((sum, energies) => sum + (energies[row] as number), 0) / each.length;
  const variance = each.reduce((sum, energies) => sum + ((energies[row] as number) - mean) ** 2, 0) / each.length;
  return { mean, spread: Math.sqrt(variance) };
}
