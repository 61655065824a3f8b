import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { groupMetrics, groupTable, summariseGroups } from '../../../activities/steps/report-groups.js';
import type { ScoreRow } from '../../../activities/steps/score-row.js';
import { wilson } from '../../../activities/steps/wilson.js';

/** A relaxed answer so many meV/atom above the truth, or of a compound whose truth is not known. */
const row = (
  formula: string,
  method: string,
  t: number,
  above: number | null,
  more: Partial<ScoreRow> = {},
): ScoreRow =>
  ({
    ...{ formula, method, try: t, before: null, rms: null, flags: [] },
    after: { energyPerAtom: -3, formationEnergyPerAtom: -1, aboveTruth: above, paperRule: null },
    match: above === null ? null : Math.abs(above) < 5,
    ...more,
  }) as unknown as ScoreRow;

const GROUPS = { easy: ['MgO', 'CaO'], hard: ['TiO2', 'SnO2', 'GeO2'] };
const ROWS = [
  row('MgO', 'a', 0, 0),
  row('MgO', 'a', 1, 90),
  row('CaO', 'a', 0, 40),
  // Below the truth, and another structure: a hit, no match.
  row('CaO', 'a', 1, -30),
  row('TiO2', 'a', 0, 2, { flags: ['a hole'] }),
  row('TiO2', 'a', 1, 60),
  row('SnO2', 'a', 0, 10.5),
  row('GeO2', 'a', 0, null),
  row('MgO', 'substitution', 0, 1),
];

describe('counts by group', () => {
  const summary = summariseGroups(ROWS, GROUPS, ['a', 'b']);
  const of = (group: string, method: string) => summary.find((s) => s.group === group && s.method === method);

  it('are of compounds with a truth; the first try, and any', () => {
    const shares = (group: string, method: string) => {
      const found = of(group, method);
      return [found?.compounds, ...(['match1', 'matchAny', 'hit1', 'hitAny'] as const).map((k) => found?.[k].share)];
    };
    expect(shares('easy', 'a')).toEqual([2, 0.5, 0.5, 0.5, 1]);
    // What a guard refused and 10.5 meV/atom are no hits; GeO2 has no truth.
    expect(shares('hard', 'a')).toEqual([2, 0, 0, 0, 0]);
    expect(shares('all', 'a')).toEqual([4, 0.25, 0.25, 0.25, 0.5]);
    // CaO has no template: missed.
    expect(shares('easy', 'substitution')).toEqual([2, 0.5, 0.5, 0.5, 0.5]);
    expect(of('hard', 'substitution')).toBeUndefined();
    expect(of('easy', 'b')).toBeUndefined();
  });

  it('are means over replicates, of as many compounds', () => {
    const again = ROWS.map((r) => ({ ...r, replicate: 1, match: false, after: null }));
    const [easy] = summariseGroups([...ROWS, ...again], GROUPS, ['a']);
    expect(easy).toMatchObject({ replicates: 2, compounds: 2, hitAny: { share: 0.5 }, match1: { share: 0.25 } });
  });

  it('stand in the table and in the metrics', () => {
    expect(groupTable(summary).join('\n')).toMatch(/easy +a +1\/2, 50 \(21-79\) +1\/2, .* +2\/2, 100 \(67-100\)/);
    expect(groupMetrics(summary)).toMatchObject({ 'a.easy.hitAny': 1, 'a.all.compounds': 4, 'a.hard.match1': 0 });
    expect(groupTable(summariseGroups(ROWS, {}, ['a']))).toEqual([]);
  });
});

describe('the Wilson interval', () => {
  it('is that of Newcombe, Statist. Med. 17, 857 (1998), Table I, method 3', () => {
    for (const [won, n, low, high] of [
      [81, 263, 0.2553, 0.3662],
      [15, 148, 0.0624, 0.1605],
      [0, 20, 0, 0.1611],
      [1, 29, 0.0061, 0.1718],
    ] as const) {
      const found = wilson(won, n, 1.959964);
      expect(found.low).toBeCloseTo(low, 4);
      expect(found.high).toBeCloseTo(high, 4);
    }
  });

  it('holds the share, has a width, and mirrors', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 200 }), fc.double({ min: 0, max: 1, noNaN: true }), (n, p) => {
        const [one, other] = [wilson(p * n, n), wilson((1 - p) * n, n)];
        expect(one.low).toBeLessThanOrEqual(one.share + 1e-12);
        expect(one.high).toBeGreaterThanOrEqual(one.share - 1e-12);
        expect(one.high - one.low).toBeGreaterThan(0);
        expect(one.low).toBeCloseTo(1 - other.high, 9);
      }),
    );
  });
});
