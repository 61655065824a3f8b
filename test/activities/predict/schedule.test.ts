import fc from 'fast-check';
import { expect, it } from 'vitest';
import { Schedule } from '../../../activities/predict/schedule.js';
import { SOURCES } from '../../../activities/predict/sources/source.js';

const some = fc.subarray([...SOURCES], { minLength: 1 });

it('asks only sources that there are, each of them within a turn, and as many tries as wanted', () => {
  fc.assert(
    fc.property(some, fc.integer({ min: 1, max: 60 }), (sources, count) => {
      const schedule = new Schedule(sources);
      expect(schedule.next(count)).toHaveLength(count);
      expect(new Set(schedule.next(schedule.turn))).toEqual(new Set(sources));
      for (const name of schedule.next(count)) expect(sources).toContain(name);
    }),
  );
});

it('begins with at most half of the tries, one at least', () => {
  fc.assert(
    fc.property(some, fc.integer({ min: 1, max: 500 }), (sources, tries) => {
      const first = new Schedule(sources).first(tries);
      expect(first).toBeGreaterThan(0);
      expect(first).toBeLessThanOrEqual(Math.max(1, tries / 2));
    }),
  );
});

it('deals the same to the same', () => {
  const deal = () => {
    const schedule = new Schedule(SOURCES);
    return [schedule.first(20), schedule.next(6), schedule.next(5)];
  };
  expect(deal()).toEqual(deal());
});
