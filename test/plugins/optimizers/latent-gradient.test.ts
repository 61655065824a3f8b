import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Optimizer } from '../../../plugins/contract/optimizer.js';
import type { GradientSearchResult } from '../../../plugins/optimizers/latent-gradient/gradient-search.js';
import { latentGradient } from '../../../plugins/optimizers/latent-gradient/index.js';
import { testContext } from '../../../plugins/testing/test-context.js';
import { box, drive, type Objective, quadratic, resultThroughStates } from './drive.js';

const optimizer = (options: Record<string, unknown> = {}): Optimizer =>
  latentGradient.create(latentGradient.options.parse(options), testContext()) as Optimizer;

describe('gradient descent on latents', () => {
  it('follows the closed form on a quadratic: z_k = c + (1 - eta a)^k (z_0 - c)', () => {
    const stiffness = [0.5, 1, 2];
    const starts = Float32Array.of(1, 2, 3, -1, -2, -3);
    const space = box(3);
    const search = optimizer({ steps: 12, eta: 0.1 }).start(space, starts);
    const asked = drive(search, space, quadratic(0.5, stiffness));
    expect(asked).toEqual(new Array(13).fill(2));
    const { points, values, trace, endings } = search.result() as GradientSearchResult;
    const at = (i: number, k: number) =>
      0.5 + (1 - 0.1 * (stiffness[i % 3] as number)) ** k * ((starts[i] as number) - 0.5);
    points.forEach((x, i) => {
      expect(x).toBeCloseTo(at(i, 12), 5);
    });
    for (let row = 0; row < 2; row++) {
      for (let k = 0; k <= 12; k++) {
        const energy = stiffness.reduce((sum, a, j) => sum + (a * (at(row * 3 + j, k) - 0.5) ** 2) / 2, 0);
        expect(trace[row]?.[k]).toBeCloseTo(energy, 4);
      }
      expect(values[row]).toBe(trace[row]?.[12]);
    }
    expect(endings).toEqual(['steps', 'steps']);
    expect(search.evaluations).toBe(26);
  });

  it('takes 50 steps of 0.05 sqrt(d) unless told otherwise', () => {
    const space = box(4);
    const search = optimizer().start(space, new Float32Array(4));
    const slope: Objective = () => ({ value: 0, gradient: Float32Array.of(1, 0, 0, 0) });
    expect(drive(search, space, slope)).toHaveLength(51);
    expect(search.result().points[0]).toBeCloseTo(-50 * 0.05 * 2, 4);
  });

  it('ends a start at its last point near the data, and leaves the others to go on', () => {
    // A line of training latents at 0, 0.5, ..., 5: every nearest neighbour is 0.5 away.
    const reference = Float32Array.from({ length: 11 }, (_, i) => i / 2);
    const space = box(1, reference, 10);
    const slope: Objective = ([x]) => ({ value: x as number, gradient: Float32Array.of(1) });
    const search = optimizer({ steps: 8, eta: 0.25, stop: 'distance' }).start(space, Float32Array.of(1, 5));
    drive(search, space, slope);
    const { points, values, trace, endings } = search.result() as GradientSearchResult;
    expect([...points]).toEqual([-0.5, 3]);
    expect([...values]).toEqual([-0.5, 3]);
    expect(endings).toEqual(['distance', 'steps']);
    expect([...(trace[0] as Float32Array)]).toEqual([1, 0.75, 0.5, 0.25, 0, -0.25, -0.5, -0.5, -0.5]);
    expect(search.evaluations).toBe(7 + 9);
  });

  it('lets a start outside the data move, but not farther away', () => {
    const space = box(1, Float32Array.of(0, 0.5, 1), 10);
    const inward: Objective = () => ({ value: 0, gradient: Float32Array.of(1) });
    const search = optimizer({ steps: 30, eta: 0.25, stop: 'distance' }).start(space, Float32Array.of(3));
    drive(search, space, inward);
    expect(search.result().points[0]).toBe(-2);
  });

  it('stops a start whose evaluation fails at its last finite point, with NaN from there in its trace', () => {
    const space = box(1);
    const cliff: Objective = ([x]) => ({
      value: (x as number) < -1 ? Number.NaN : (x as number),
      gradient: Float32Array.of(1),
    });
    const search = optimizer({ steps: 6, eta: 0.5 }).start(space, Float32Array.of(0, 9, -4));
    drive(search, space, cliff);
    const { points, values, trace, endings } = search.result() as GradientSearchResult;
    expect([...points]).toEqual([-1, 6, -4]);
    expect([...values]).toEqual([-1, 6, Number.NaN]);
    expect(endings).toEqual(['failed', 'steps', 'failed']);
    expect([...(trace[0] as Float32Array)]).toEqual([0, -0.5, -1, Number.NaN, Number.NaN, Number.NaN, Number.NaN]);
  });

  it('gives the same result through any chain of saved states', () => {
    const numbers = fc.array(fc.float({ min: -3, max: 3, noNaN: true }), { minLength: 4, maxLength: 8 });
    fc.assert(
      fc.property(
        numbers,
        fc.constantFrom('steps', 'distance'),
        fc.integer({ min: 0, max: 9 }),
        (from, stop, steps) => {
          const starts = Float32Array.from(from.slice(0, 2 * Math.floor(from.length / 2)));
          const space = box(
            2,
            Float32Array.from({ length: 40 }, (_, i) => 2 * Math.sin(i * i)),
          );
          const f = quadratic(2, [1, 3]);
          const whole = optimizer({ steps, stop, eta: 0.2 }).start(space, starts);
          drive(whole, space, f);
          const through = resultThroughStates(optimizer({ steps, stop, eta: 0.2 }), space, starts, f);
          expect(through.result()).toEqual(whole.result());
          expect(through.state()).toEqual(whole.state());
        },
      ),
      { numRuns: 30 },
    );
  });

  it('gives a start the same path whatever starts beside it', () => {
    const space = box(2);
    const f = quadratic(1, [1, 2]);
    const run = (starts: Float32Array) => {
      const search = optimizer().start(space, starts);
      drive(search, space, f);
      return search.result().points;
    };
    expect([...run(Float32Array.of(3, -2, 0.1, 0.2)).slice(0, 2)]).toEqual([...run(Float32Array.of(3, -2))]);
  });

  describe('with a trust region', () => {
    // Without -0, which a radius of 0 would make 0.
    const coordinate = fc.float({ min: -3, max: 3, noNaN: true }).map((x) => x + 0);
    const walks = fc.record({
      starts: fc
        .array(fc.tuple(coordinate, coordinate, coordinate), { minLength: 1, maxLength: 3 })
        .map((rows) => Float32Array.from(rows.flat())),
      steps: fc.integer({ min: 0, max: 30 }),
      eta: fc.double({ min: 0.01, max: 1, noNaN: true }),
    });
    const f = quadratic(1.5, [1, 2, 3]);
    const space = box(3);
    const end = (starts: Float32Array, options: Record<string, unknown>) => {
      const search = optimizer(options).start(space, starts);
      drive(search, space, f);
      return search;
    };

    it('asks for no point outside the ball about its start', () => {
      fc.assert(
        fc.property(walks, fc.double({ min: 0, max: 2, noNaN: true }), ({ starts, ...options }, trust) => {
          const search = optimizer({ ...options, trust }).start(space, starts);
          for (let ask = search.ask(); ask; ask = search.ask()) {
            for (let i = 0; i < starts.length; i += 3) {
              const moved = Math.hypot(
                ...[0, 1, 2].map((j) => (ask.points[i + j] as number) - (starts[i + j] as number)),
              );
              expect(moved).toBeLessThanOrEqual(trust * Math.sqrt(3) + 2e-6);
            }
            drive(search, space, f, 1);
          }
        }),
      );
    });

    it('stays at the start with radius 0, and does what it does without for a large one', () => {
      fc.assert(
        fc.property(walks, ({ starts, ...options }) => {
          expect([...end(starts, { ...options, trust: 0 }).result().points]).toEqual([...starts]);
          expect(end(starts, { ...options, trust: 1e30 }).result()).toEqual(end(starts, options).result());
        }),
      );
    });

    it('finds the lowest point of the ball: for a round bowl the one towards its middle', () => {
      const bowl = quadratic(2, [1, 1]);
      const flat = box(2);
      const search = optimizer({ steps: 200, eta: 0.1, trust: 0.5 }).start(flat, Float32Array.of(0, 0, 2, 2.1));
      drive(search, flat, bowl);
      const { points, endings, trace } = search.result() as GradientSearchResult;
      [0.5, 0.5, 2, 2].forEach((x, i) => {
        expect(points[i]).toBeCloseTo(x, 5);
      });
      expect(endings).toEqual(['steps', 'steps']);
      expect(trace[0]?.at(-1)).toBeCloseTo(1.5 ** 2, 5);
      // The second one never comes to its edge.
      expect(search.counts).toEqual({ held: 1 });
    });

    it('goes on with the same bytes from any state', () => {
      fc.assert(
        fc.property(walks, fc.constantFrom(0, 0.1, 0.4), ({ starts, ...options }, trust) => {
          const own = { ...options, trust };
          const through = resultThroughStates(optimizer(own), space, starts, f);
          expect(through.result()).toEqual(end(starts, own).result());
          expect(through.state()).toEqual(end(starts, own).state());
        }),
        { numRuns: 30 },
      );
    });

    it('is nothing that a state or a node without the option holds', () => {
      expect(latentGradient.options.parse({})).not.toHaveProperty('trust');
      expect(new TextDecoder().decode(end(Float32Array.of(1, 1, 1), {}).state())).not.toContain('starts');
      expect(end(Float32Array.of(1, 1, 1), {}).counts).toEqual({});
    });
  });

  it('refuses what does not fit', () => {
    const code = 'LCOMS_E_INPUT';
    const space = box(2);
    expect(() => optimizer().start(space, new Float32Array(3))).toThrow(expect.objectContaining({ code }));
    expect(() => optimizer().start(space, Float32Array.of(0, Number.NaN))).toThrow(expect.objectContaining({ code }));
    expect(() => optimizer({ stop: 'distance' }).start(space, new Float32Array(2))).toThrow(
      expect.objectContaining({ code }),
    );
    expect(() =>
      optimizer()
        .start(space, new Float32Array(2))
        .tell({ values: new Float32Array(5) }),
    ).toThrow(expect.objectContaining({ code }));
    const state = new TextEncoder().encode('{"search":"optimizer/other","values":{},"arrays":{}}');
    expect(() => optimizer().restore(space, state)).toThrow(
      expect.objectContaining({ code: 'LCOMS_E_CHECKPOINT_INCOMPATIBLE' }),
    );
  });

  it('has nothing to ask for without starts', () => {
    const search = optimizer().start(box(2), new Float32Array(0));
    expect(search.ask()).toBeNull();
    expect(search.result().points).toHaveLength(0);
  });
});
