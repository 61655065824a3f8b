import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ScoreRow } from '../../activities/steps/score-row.js';
import { curveFigure } from '../../cli/curve-figure.js';
import { areasCsv, areaTable, curvesCsv } from '../../cli/curve-table.js';
import { type Curve, curvesOf, GRID, RANGE } from '../../cli/curves.js';
import { trainingByMethod } from '../../cli/method-cost.js';
import { type TriedCompound, tryTimes } from '../../cli/try-times.js';
import { drawSvg } from '../../lib/plot/draw.js';
import type { PlannedNode } from '../../schemas/node.js';

const node = (id: string, step: string, needs: Record<string, string>, options: object = {}): PlannedNode =>
  ({ id, step, needs, options: { formula: id.split('/')[1], ...options } }) as unknown as PlannedNode;
const spent = (cpuSeconds: number) => ({
  metrics: {},
  provenance: { createdAt: '', seconds: 1, cpuSeconds, backend: null, lcoms: '0', node: 'v20' },
});

/** A try so many meV/atom above the truth, after so many steps of relaxation. */
const row = (method: string, formula: string, t: number, above: number | null, relaxSteps = 8): ScoreRow =>
  ({
    ...{ method, formula, try: t, relaxSteps, flags: [], before: null, rms: 0 },
    after: { energyPerAtom: -3, formationEnergyPerAtom: null, aboveTruth: above, paperRule: null },
    match: above === null ? null : above < 5,
  }) as unknown as ScoreRow;

// MgO, two tries: a start of 3 CPU s, 0.5 of encoding, 1.5 of search, 1 of decoding four draws each.
const NODES = [
  node('encoder', 'train-encoder', {}),
  node('surrogate', 'train-surrogate', { encoder: 'encoder' }),
  node('start/MgO', 'start-structures', {}),
  node('encode/MgO', 'encode', { encoder: 'encoder', crystals: 'start/MgO' }),
  node('optimize-a/MgO', 'optimize', { surrogate: 'surrogate', latents: 'encode/MgO' }),
  node('decode-a/MgO', 'decode', { latents: 'optimize-a/MgO', crystals: 'start/MgO' }, { draws: 4 }),
  node('score-a/MgO', 'score', { decoded: 'decode-a/MgO', starts: 'start/MgO' }, { answers: 'a' }),
  node('search-ras/MgO', 'search', { starts: 'start/MgO' }),
  node(
    'score-ras/MgO',
    'score',
    { decoded: 'search-ras/MgO', starts: 'start/MgO' },
    { answers: 'ras', judgeStarts: false },
  ),
  node('baselines/MgO', 'baselines', {}),
];
const MANIFESTS = new Map([
  ['encoder', spent(500)],
  ['surrogate', spent(60)],
  ['start/MgO', spent(6)],
  ['encode/MgO', spent(1)],
  ['optimize-a/MgO', spent(3)],
  ['decode-a/MgO', spent(2)],
  ['score-a/MgO', spent(9.6)],
  ['search-ras/MgO', spent(40)],
  ['score-ras/MgO', spent(4)],
  ['baselines/MgO', spent(3)],
]);
const ROWS = [
  // 4 draws + 2 + 8 and 4 + 2 + 18 evaluations, and 2 + 3 for each start: 48 for 9.6 s.
  row('a', 'MgO', 0, 60, 8),
  row('a', 'MgO', 1, 7, 18),
  row('start', 'MgO', 0, 70, 3),
  row('start', 'MgO', 1, 70, 3),
  row('ras', 'MgO', 0, 0, 8),
  row('ras', 'MgO', 1, 0, 8),
  // 10 and 20 evaluations for 3 s.
  row('substitution', 'MgO', 0, 90, 8),
  row('rocksalt', 'MgO', 0, 0, 18),
];

describe('the time of a try', () => {
  const times = tryTimes(NODES, MANIFESTS, ROWS);
  const of = (method: string) => times.find((t) => t.method === method) as TriedCompound;

  it('is that of all it uses: of the node that judges, its share of the evaluations', () => {
    const each = [6 + 14 / 5, 6 + 24 / 5];
    expect(of('a').ends[0]).toBeCloseTo(each[0] as number, 10);
    expect(of('a').ends[1]).toBeCloseTo((each[0] as number) + (each[1] as number), 10);
    // 7 meV/atom above is a hit of another structure.
    expect(of('a')).toMatchObject({ formula: 'MgO', replicate: 0, hit: of('a').ends[1], match: null });
  });

  it('has no start in a search over structures, and a start alone for starts', () => {
    expect(of('ras')).toMatchObject({ ends: [22, 44], hit: 22, match: 22 });
    expect(of('start')).toMatchObject({ ends: [3, 6], hit: null, match: null });
    expect(of('substitution').ends).toEqual([1]);
    expect(of('rocksalt')).toMatchObject({ ends: [2], match: 2 });
  });

  it('has a whole pool before its first, where answers are the lowest of all', () => {
    const nodes = NODES.map((n) =>
      n.id === 'score-a/MgO' ? { ...n, options: { ...n.options, choose: 'lowest', judgeStarts: false } } : n,
    );
    const judged = { ...spent(9.6), metrics: { candidates: 66 } };
    const manifests = new Map([...MANIFESTS, ['score-a/MgO', judged]]);
    const { ends } = tryTimes(nodes, manifests, ROWS).find(({ method }) => method === 'a') as TriedCompound;
    // Start, encoding, search and decoding: 12; 66 candidates and 2 + 8, 2 + 18 evaluations: 96 for 9.6 s.
    expect(ends[0]).toBeCloseTo(12 + 7.6, 10);
    expect(ends[1]).toBeCloseTo(12 + 9.6, 10);
  });

  it('is not told of a method whose nodes are not all known', () => {
    const some = new Map([...MANIFESTS].filter(([id]) => id !== 'encode/MgO'));
    expect(tryTimes(NODES, some, ROWS).map(({ method }) => method)).toEqual([
      'start',
      'ras',
      'substitution',
      'rocksalt',
    ]);
  });

  it('has no training in it, which is said by method', () => {
    expect([...trainingByMethod(NODES, MANIFESTS)]).toEqual([
      ['a', 560],
      ['ras', 0],
    ]);
  });
});

const tried = (method: string, formula: string, ends: number[], hit: number | null, replicate = 0): TriedCompound => ({
  ...{ method, formula, replicate, ends, hit },
  match: hit,
});
const truths = (...formulas: string[]) => formulas.map((formula) => row('start', formula, 0, 1));

describe('curves', () => {
  const [ten, hundred] = [GRID[40] as number, GRID[60] as number];
  const curves = curvesOf(
    [tried('a', 'A', [10, 20], 10), tried('a', 'B', [50, 100], null), tried('b', 'A', [1], 1), tried('b', 'C', [2], 2)],
    [...truths('A', 'B', 'C', 'D'), row('start', 'E', 0, null)],
    { easy: ['A', 'B'], hard: ['C', 'D', 'E'] },
    ['a', 'b'],
    new Map([['a', 77]]),
  );
  const of = (group: string, method: string) => curves.find((c) => c.group === group && c.method === method) as Curve;
  const at = (curve: Curve, seconds: number) => curve.points.find((p) => p.seconds === seconds);

  it('are shares of the compounds with a truth, by what they cost', () => {
    expect([ten, hundred]).toEqual([10, 100]);
    expect(curves.map(({ group, method }) => `${group} ${method}`)).toEqual([
      'easy a',
      'easy b',
      'hard b',
      'all a',
      'all b',
    ]);
    expect(of('easy', 'a').points.find(({ hit }) => hit.share > 0)?.seconds).toBe(ten);
    expect(at(of('easy', 'a'), ten)).toMatchObject({ hit: { share: 0.5 }, usedUp: 0 });
    expect(at(of('easy', 'a'), hundred)).toMatchObject({ hit: { share: 0.5 }, usedUp: 1 });
    // B has no answer of b: missed.
    expect(at(of('easy', 'b'), ten)).toMatchObject({ hit: { share: 0.5 }, usedUp: 1 });
    expect(of('hard', 'b')).toMatchObject({
      compounds: 2,
      hitArea: { mean: expect.closeTo((0.5 * Math.log10(500)) / 4, 10) },
    });
  });

  it('have an area over log seconds, with its error over compounds, and the difference compound by compound', () => {
    // From 10 of 0.1 to 1000: two of four decades for one of two compounds.
    expect(of('easy', 'a')).toMatchObject({
      ...{ compounds: 2, tries: 2, trySeconds: 30, usedUpSeconds: 60, training: 77, hitAboveFirst: null },
      hitArea: { mean: 0.25, error: expect.closeTo(0.25, 10) },
    });
    expect(of('easy', 'b').hitAboveFirst).toEqual({
      mean: expect.closeTo(0.125, 10),
      error: expect.closeTo(0.125, 10),
    });
  });

  it('are means over replicates', () => {
    const two = [tried('a', 'A', [10], 10), tried('a', 'A', [10], null, 1)];
    const [curve] = curvesOf(two, truths('A'), { g: ['A'] }, ['a'], new Map());
    expect(at(curve as Curve, ten)?.hit.share).toBe(0.5);
    expect(curve?.hitArea).toEqual({ mean: 0.25, error: null });
  });

  it('rise only, and their area is the integral of what is drawn', () => {
    const time = fc.double({ min: 0.01, max: 5000, noNaN: true });
    const compounds = fc.array(fc.option(time), { minLength: 1, maxLength: 12 });
    fc.assert(
      fc.property(compounds, (hits) => {
        const names = hits.map((_, i) => `X${i}`);
        const all = hits.map((hit, i) => tried('a', names[i] as string, [hit ?? 1], hit));
        const [curve] = curvesOf(all, truths(...names), { g: names }, ['a'], new Map()) as [Curve];
        const shares = curve.points.map(({ hit }) => hit.share);
        for (const [i, share] of shares.entries()) expect(share).toBeGreaterThanOrEqual(shares[i - 1] ?? 0);
        // Between two points the share is at least that of the first, at most that of the second.
        const mean = (part: number[]) => part.reduce((sum, x) => sum + x, 0) / (GRID.length - 1);
        expect(curve.hitArea.mean).toBeGreaterThanOrEqual(mean(shares.slice(0, -1)) - 1e-5);
        expect(curve.hitArea.mean).toBeLessThanOrEqual(mean(shares.slice(1)) + 1e-5);
      }),
    );
  });

  it('stand in files, a table and figures', async () => {
    expect([GRID[0], GRID.at(-1)]).toEqual([...RANGE]);
    expect(curvesCsv(curves).split('\n')).toHaveLength(2 + 5 * GRID.length);
    expect(areasCsv(curves).split('\n')[1]).toBe('easy,a,2,2,30.000,60.000,77.000,0.2500,0.2500,0.2500,0.2500,,');
    expect(areaTable(curves)).toMatch(/easy +a +2 +30\.00 +60\.0 +77 +25\.0 \+- 25\.0/);
    expect(areaTable([])).toBe('');
    const svg = await drawSvg(curveFigure(curves.filter(({ group }) => group === 'easy')));
    expect(svg).toContain('easy: 2 compounds');
    for (const method of ['>a<', '>b<']) expect(svg).toContain(method);
    expect(await drawSvg(curveFigure(curves.filter(({ group }) => group === 'easy')))).toBe(svg);
  });
});
