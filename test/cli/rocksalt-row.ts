/** Rock salt with a lattice constant of `2 a` A as a line of JSON lines. */
export const rocksaltRow = (a: number, species = ['Mg', 'O'], more: object = {}): string =>
  `${JSON.stringify({
    ...more,
    lattice: [
      [0, a, a],
      [a, 0, a],
      [a, a, 0],
    ],
    species,
    frac: [
      [0, 0, 0],
      [0.5, 0.5, 0.5],
    ],
  })}\n`;
