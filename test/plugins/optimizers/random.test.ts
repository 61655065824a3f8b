import { describe, expect, it } from 'vitest';
import type { Optimizer } from '../../../plugins/contract/optimizer.js';
import { random } from '../../../plugins/optimizers/random/index.js';
import { testContext } from '../../../plugins/testing/test-context.js';
import { box, drive, type Objective, quadratic, resultThroughStates } from './drive.js';

const optimizer = (options: Record<string, unknown> = {}, seed = 0): Optimizer =>
  random.create(random.options.parse(options), testContext({ seed })) as Optimizer;

describe('random search', () => {
  it('gives the best of its budget per start, inside the box', () => {
    const space = box(2);
    const seen: { point: number[]; value: number }[] = [];
    const f = quadratic(0.5, [1, 1]);
    const spy: Objective = (point) => {
      const { value, gradient } = f(point);
      seen.push({ point: [...point], value });
      return { value, gradient };
    };
    const search = optimizer({ budget: 70, batch: 30 }).start(space, new Float32Array(6));
    expect(drive(search, space, spy)).toEqual([90, 90, 30]);
    expect(search.evaluations).toBe(210);
    expect(seen.flatMap(({ point }) => point).every((x) => x >= -3 && x <= 3)).toBe(true);
    const { points, values, trace } = search.result();
    const least = seen.reduce((a, b) => (b.value < a.value ? b : a));
    const row = values.indexOf(Math.min(...values));
    expect([...points.slice(2 * row, 2 * row + 2)]).toEqual(least.point);
    for (const [i, energies] of trace.entries()) {
      expect(energies).toHaveLength(70);
      expect([...energies]).toEqual([...energies].sort((a, b) => b - a));
      expect(energies.at(-1)).toBe(values[i]);
    }
  });

  it('fills the box evenly', () => {
    const space = { ...box(1), lower: Float64Array.of(-1), upper: Float64Array.of(7) };
    const drawn: number[] = [];
    const keep: Objective = ([x]) => {
      drawn.push(x as number);
      return { value: 0, gradient: new Float32Array(1) };
    };
    drive(optimizer({ budget: 4000, batch: 1000 }).start(space, new Float32Array(1)), space, keep);
    const quarters = [0, 0, 0, 0];
    for (const x of drawn) quarters[Math.floor((x + 1) / 2)] = (quarters[Math.floor((x + 1) / 2)] as number) + 1;
    for (const count of quarters) expect(Math.abs(count - 1000)).toBeLessThan(120);
  });

  it('gives the same through saved states, and for a start whatever starts beside it', () => {
    const space = box(3);
    const f = quadratic(1, [1, 2, 3]);
    const run = (starts: number, seed = 0) => {
      const search = optimizer({ budget: 40, batch: 7 }, seed).start(space, new Float32Array(3 * starts));
      drive(search, space, f);
      return search.result();
    };
    const through = resultThroughStates(optimizer({ budget: 40, batch: 7 }), space, new Float32Array(6), f);
    expect(through.result()).toEqual(run(2));
    expect([...run(2).points.slice(0, 3)]).toEqual([...run(1).points]);
    expect(run(1, 1).points).not.toEqual(run(1).points);
  });

  it('passes over failed evaluations; a start without any success is given back with NaN', () => {
    const space = box(2);
    const fails: Objective = () => ({ value: Number.NaN, gradient: new Float32Array(2) });
    const half: Objective = ([x]) => ({ value: (x as number) > 0 ? 1 : Number.NaN, gradient: new Float32Array(2) });
    const starts = Float32Array.of(0.25, 0.5);
    const search = optimizer().start(space, starts);
    drive(search, space, fails);
    expect([...search.result().points]).toEqual([0.25, 0.5]);
    expect(search.result().values[0]).toBeNaN();
    const other = optimizer().start(space, starts);
    drive(other, space, half);
    expect(other.result().values[0]).toBe(1);
  });

  it('refuses a box without bounds', () => {
    const space = { ...box(1), upper: Float64Array.of(Number.POSITIVE_INFINITY) };
    expect(() => optimizer().start(space, new Float32Array(1))).toThrow(/finite bounds/);
  });
});
