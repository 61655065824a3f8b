import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { jitter } from '../../../plugins/optimizers/controls/jitter.js';
import { trainingLatent } from '../../../plugins/optimizers/controls/training-latent.js';
import { testContext } from '../../../plugins/testing/test-context.js';
import { box, drive, quadratic, resultThroughStates } from './drive.js';

const reference = Float32Array.from({ length: 60 }, (_, i) => Math.sin(i));
const space = box(3, reference);
const starts = Float32Array.of(0, 0, 0, 1, 1, 1);
const bowl = quadratic(0, [1, 1, 1]);

describe('optimizer/training-latent', () => {
  it('gives rows of the training latents, another for each start and seed', async () => {
    const rowsOf = async (seed: string) => {
      const search = (await trainingLatent.create({}, testContext({ seed }))).start(space, starts);
      expect(drive(search, space, bowl)).toEqual([2]);
      const { points, values } = search.result();
      expect(values[0]).toBeCloseTo(bowl(points.subarray(0, 3)).value, 5);
      return [0, 1].map((i) => {
        const row = points.subarray(3 * i, 3 * i + 3);
        const off = (r: number) => Math.hypot(...row.map((x, j) => x - (reference[3 * r + j] as number)));
        return Array.from({ length: 20 }, (_, r) => r).findIndex((r) => off(r) < 1e-5);
      });
    };
    const seen = await Promise.all(['a', 'b', 'c', 'd', 'e'].map(rowsOf));
    expect(seen.flat().every((row) => row >= 0)).toBe(true);
    expect(new Set(seen.flat()).size).toBeGreaterThan(4);
    expect(await rowsOf('a')).toEqual(seen[0]);
  });

  it('refuses a space without training latents', async () => {
    const optimizer = await trainingLatent.create({}, testContext({}));
    expect(() => optimizer.start(box(3), starts).ask()).toThrow(/no training latents/);
  });
});

describe('optimizer/jitter', () => {
  it('moves every start by the distance, and never out of the box', async () => {
    await fc.assert(
      fc.asyncProperty(fc.double({ min: 0, max: 12, noNaN: true }), fc.integer(), async (distance, seed) => {
        const optimizer = await jitter.create({ distance }, testContext({ seed: String(seed) }));
        const search = optimizer.start(space, starts);
        drive(search, space, bowl);
        const { points } = search.result();
        const moves = [0, 1].map((i) => Math.hypot(...[0, 1, 2].map((j) => points[3 * i + j]! - starts[3 * i + j]!)));
        const inside = points.every((x) => Math.abs(x) <= 3);
        expect(inside).toBe(true);
        for (const [i, move] of moves.entries()) {
          const cut = points.subarray(3 * i, 3 * i + 3).some((x) => Math.abs(x) === 3);
          if (cut) expect(move).toBeLessThanOrEqual(distance + 1e-5);
          else expect(move).toBeCloseTo(distance, 4);
        }
      }),
      { numRuns: 50 },
    );
  });

  it('goes on from any state', async () => {
    const optimizer = await jitter.create({ distance: 1 }, testContext({}));
    const alone = optimizer.start(space, starts);
    drive(alone, space, bowl);
    const moved = resultThroughStates(optimizer, space, starts, bowl);
    expect(moved.result()).toEqual(alone.result());
    expect(() => optimizer.start(space, starts).tell({ values: Float32Array.of(1) })).toThrow(/asked for 2/);
  });
});
