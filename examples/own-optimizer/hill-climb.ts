import { definePlugin, type Rng, type Search, type SearchSpace } from 'lcoms';
import { z } from 'zod';

interface State {
  round: number;
  /** Per start: the best point so far, its value (null: none yet), and the best value after each round. */
  best: number[][];
  values: (number | null)[];
  trace: (number | null)[][];
}

const options = z.strictObject({
  rounds: z.number().int().min(1).default(100).describe('evaluations per start'),
  step: z.number().positive().default(0.1).describe('standard deviation of a move, as part of the width of the box'),
});

/** Hill climbing (downhill): a random move from the best point of each start; kept when it is lower. */
export default definePlugin({
  apiVersion: 1,
  kind: 'optimizer',
  name: 'hill-climb',
  version: '1.0.0',
  cacheVersion: 1,
  summary: 'Random moves from the best point, kept when they are lower',
  cite: [],
  options,
  capabilities: { spaces: ['latent', 'structure'] },
  create: (chosen, { rng }) => ({
    start: (space, starts) => {
      const k = starts.length / space.dimension;
      const best = Array.from({ length: k }, (_, i) => [
        ...starts.slice(i * space.dimension, (i + 1) * space.dimension),
      ]);
      return climb(space, chosen, rng, { round: 0, best, values: best.map(() => null), trace: best.map(() => []) });
    },
    restore: (space, bytes) => climb(space, chosen, rng, JSON.parse(new TextDecoder().decode(bytes)) as State),
  }),
});

function climb(space: SearchSpace, { rounds, step }: z.output<typeof options>, rng: Rng, state: State): Search {
  const d = space.dimension;
  const k = state.best.length;

  /** Depends on the state alone, so asking twice gives the same points. The first round evaluates the starts. */
  const moved = (): Float32Array =>
    Float32Array.from(
      state.best.flatMap((point, i) => {
        const stream = rng.fork(`round-${state.round}-start-${i}`);
        return point.map((x, j) => {
          const [low, high] = [space.lower[j] ?? 0, space.upper[j] ?? 0];
          const move = state.round === 0 ? 0 : step * (high - low) * stream.normal();
          return Math.min(Math.max(x + move, low), high);
        });
      }),
    );

  return {
    ask: () => (state.round === rounds || k === 0 ? null : { points: moved(), gradients: false }),
    tell: ({ values }) => {
      const points = moved();
      values.forEach((value, i) => {
        const before = state.values[i] ?? null;
        if (Number.isFinite(value) && (before === null || value < before)) {
          state.values[i] = value;
          state.best[i] = [...points.slice(i * d, (i + 1) * d)];
        }
        state.trace[i]?.push(state.values[i] ?? null);
      });
      state.round++;
    },
    result: () => ({
      points: Float32Array.from(state.best.flat()),
      values: Float32Array.from(state.values, (v) => v ?? Number.NaN),
      trace: state.trace.map((values) => Float32Array.from(values, (v) => v ?? Number.NaN)),
    }),
    get evaluations() {
      return state.round * k;
    },
    state: () => new TextEncoder().encode(JSON.stringify(state)),
  };
}
