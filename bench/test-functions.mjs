// The test functions of bench/optimizers.mjs, as python/test_functions.py has them: boxes whose middle is not the optimum.
const sum = (x, f) => x.reduce((total, v, j) => total + f(v, j), 0);

/** name -> {lower, upper} of every dimension and f; the least value is 0, but for branin (0.397887). */
export const FUNCTIONS = {
  sphere: { lower: -3, upper: 7, f: (x) => sum(x, (v) => v * v) },
  rosenbrock: {
    lower: -2.048,
    upper: 2.048,
    f: (x) => sum(x.slice(1), (v, j) => 100 * (v - x[j] ** 2) ** 2 + (1 - x[j]) ** 2),
  },
  rastrigin: { lower: -4, upper: 6, f: (x) => 10 * x.length + sum(x, (v) => v * v - 10 * Math.cos(2 * Math.PI * v)) },
  ackley: {
    lower: -20,
    upper: 44,
    f: (x) =>
      -20 * Math.exp(-0.2 * Math.sqrt(sum(x, (v) => v * v) / x.length)) -
      Math.exp(sum(x, (v) => Math.cos(2 * Math.PI * v)) / x.length) +
      20 +
      Math.E,
  },
  // In the box [-5, 10] x [0, 15], moved to [0, 15] x [0, 15].
  branin: {
    lower: 0,
    upper: 15,
    f: ([u, y]) => {
      const x = u - 5;
      const bowl = y - (5.1 / (4 * Math.PI ** 2)) * x * x + (5 / Math.PI) * x - 6;
      return bowl ** 2 + 10 * (1 - 1 / (8 * Math.PI)) * Math.cos(x) + 10;
    },
  },
};

/** Functions and dimensions that are compared. */
export const PROBLEMS = [
  ...['sphere', 'rosenbrock', 'rastrigin', 'ackley'].flatMap((name) => [5, 10].map((d) => ({ name, d }))),
  { name: 'branin', d: 2 },
];
