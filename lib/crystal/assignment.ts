/**
 * The assignment of n rows to n columns with the smallest total cost (Hungarian method with potentials, O(n^3)).
 *
 * @param cost n x n, row-major, finite
 * @returns n column indices, one a row
 */
export function linearAssignment(cost: Float64Array, n: number): Int32Array {
  const rowPotential = new Float64Array(n + 1);
  const columnPotential = new Float64Array(n + 1);
  // Row and column 0 are sentinels: rowOf[j] is the row that holds column j, 0 for none.
  const rowOf = new Int32Array(n + 1);
  const previous = new Int32Array(n + 1);
  const slack = new Float64Array(n + 1);
  const used = new Uint8Array(n + 1);
  for (let i = 1; i <= n; i++) {
    rowOf[0] = i;
    slack.fill(Number.POSITIVE_INFINITY);
    used.fill(0);
    let column = 0;
    do {
      used[column] = 1;
      const row = rowOf[column] as number;
      let delta = Number.POSITIVE_INFINITY;
      let next = 0;
      for (let j = 1; j <= n; j++) {
        if (used[j]) continue;
        const reduced =
          (cost[(row - 1) * n + j - 1] as number) - (rowPotential[row] as number) - (columnPotential[j] as number);
        if (reduced < (slack[j] as number)) {
          slack[j] = reduced;
          previous[j] = column;
        }
        if ((slack[j] as number) < delta) {
          delta = slack[j] as number;
          next = j;
        }
      }
      for (let j = 0; j <= n; j++) {
        if (used[j]) {
          const r = rowOf[j] as number;
          rowPotential[r] = (rowPotential[r] as number) + delta;
          columnPotential[j] = (columnPotential[j] as number) - delta;
        } else {
          slack[j] = (slack[j] as number) - delta;
        }
      }
      column = next;
    } while (rowOf[column] !== 0);
    while (column !== 0) {
      const from = previous[column] as number;
      rowOf[column] = rowOf[from] as number;
      column = from;
    }
  }
  const columns = new Int32Array(n);
  for (let j = 1; j <= n; j++) columns[(rowOf[j] as number) - 1] = j - 1;
  return columns;
}
