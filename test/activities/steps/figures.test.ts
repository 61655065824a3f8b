import { describe, expect, it } from 'vitest';
import { improvementFigure } from '../../../activities/steps/figure-improvement.js';
import { searchFigure } from '../../../activities/steps/figure-search.js';
import type { FigureSources } from '../../../activities/steps/figure-sources.js';
import { trainingFigure } from '../../../activities/steps/figure-training.js';
import type { ScoreRow } from '../../../activities/steps/score-row.js';
import { drawSvg } from '../../../lib/plot/draw.js';

/** Formation energies before and after relaxation, eV/atom; the truth is -1. */
function row(formula: string, method: string, before: number, after: number, more: Partial<ScoreRow> = {}): ScoreRow {
  const energy = (e: number) => ({
    ...{ energyPerAtom: e - 2, formationEnergyPerAtom: e, aboveTruth: 1000 * (e + 1), paperRule: true },
  });
  return {
    ...{ formula, method, try: 0, atoms: 2, before: energy(before), after: energy(after), relaxSteps: 9 },
    ...{ matchBefore: null, match: null, rms: null, spaceGroup: null, spaceGroupSymbol: null },
    ...{ flags: [], note: null, crystal: null },
    ...more,
  };
}

function sources(compounds: string[], rows: ScoreRow[]): FigureSources {
  const methods = (name: string) => [0, 2].map((steps) => ({ steps, method: `${name}-0${steps}` }));
  return {
    options: {
      ...{ compounds, draw: ['search'], trainings: { surrogate: 'COM', 'surrogate-sl': 'SL' } },
      series: [
        { title: 'COM', methods: methods('com') },
        { title: 'SL', methods: methods('sl') },
      ],
    },
    rows,
    traces: compounds.flatMap((formula) => [
      { series: 'COM', formula, energies: [0, -0.1, -0.2] },
      { series: 'SL', formula, energies: [0, -1, null] },
    ]),
    training: [
      { series: 'COM', epoch: 1, validationMse: 1, validationRmse: 0.2, trainMse: 1, over: 0.5, alpha: 1 },
      { series: 'COM', epoch: 2, validationMse: 0.5, validationRmse: 0.1, trainMse: 0.4, over: 0.031, alpha: 0.9 },
      { series: 'SL', epoch: 1, validationMse: 1, validationRmse: 0.21, trainMse: 0.9 },
      { series: 'SL', epoch: 2, validationMse: 0.4, validationRmse: 0.09, trainMse: 0.3 },
    ],
    ...{ energyStd: 0.5, target: 'formation' },
  };
}

const ROWS = [
  row('MgO', 'start', -0.8, -0.8),
  row('MgO', 'com-00', -0.8, -0.9),
  row('MgO', 'com-02', -0.88, -1),
  row('MgO', 'sl-00', -0.8, -0.9),
  row('MgO', 'sl-02', 0, -0.6),
];

/** Values of every panel of a figure. */
const panels = (spec: unknown): Record<string, number>[][] => {
  const { concat, vconcat } = spec as Record<string, { data: { values: Record<string, number>[] } }[] | undefined>;
  return (concat ?? vconcat ?? []).map(({ data }) => data.values);
};

describe('energy along the search', () => {
  it('has the predictions of every step and the judged energies of those decoded', async () => {
    const { spec, words } = searchFigure(sources(['MgO'], ROWS));
    const [predicted, judged] = panels(spec);
    expect(predicted?.map(({ series, step, mean }) => [series, step, mean])).toEqual([
      ...[0, -0.1, -0.2].map((mean, step) => ['COM', step, mean]),
      ...[0, -1].map((mean, step) => ['SL', step, mean]),
    ]);
    expect(judged?.map(({ series, step, median }) => [series, step, Math.round(median as number)])).toEqual([
      ...[
        ['COM', 0, 200],
        ['COM', 2, 120],
      ],
      ...[
        ['SL', 0, 200],
        ['SL', 2, 1000],
      ],
    ]);
    const said = words.join('\n');
    expect(said).toMatch(/COM on MgO: predicted 0.00 -> -0.20.*\(-0.10 eV\/atom\).*200 -> 120.*lowest at step 2/);
    expect(said).toMatch(/SL on MgO: .*200 -> 1000 .*: exploited/);
    expect(said.match(/exploited\.$/gm)).toHaveLength(1);
    expect(await drawSvg(spec)).toContain('MgO: predicted');
  });

  it('takes few compounds apart and many together', () => {
    const judged = [row('A', 'com-00', -1, -1)];
    expect(panels(searchFigure(sources(['A', 'B', 'C', 'D'], judged)).spec)).toHaveLength(8);
    const many = searchFigure(sources(['A', 'B', 'C', 'D', 'E'], judged));
    expect(panels(many.spec)).toHaveLength(2);
    expect(many.words.join()).toContain('COM: predicted');
  });
});

describe('figures of runs that have little to draw', () => {
  it('are drawn all the same', async () => {
    const nothing = { ...sources(['MgO'], []), traces: [], training: [] };
    for (const figure of [searchFigure, improvementFigure, trainingFigure])
      expect(await drawSvg(figure(nothing).spec)).toContain('<svg');
    expect(panels(searchFigure(sources(['MgO'], [])).spec)).toHaveLength(1);
  });
});

describe('improvement', () => {
  it('is (E0 - E)/|E0| of each try with its own start, as decoded and relaxed', async () => {
    const rows = [
      ...ROWS,
      row('MgO', 'start', -0.5, -0.5, { try: 1 }),
      row('MgO', 'com-02', -0.4, -1, { try: 1 }),
      row('MgO', 'com-02', -9, -9, { try: 2 }),
      // A hole that a guard refused is no improvement.
      row('ZnS', 'start', -0.5, -0.5),
      row('ZnS', 'com-02', -0.25, -5, { flags: ['below the truth'] }),
      row('C', 'start', 0.001, 0.001),
      row('C', 'com-02', 0, 0),
    ];
    const { spec, words } = improvementFigure(sources(['MgO', 'ZnS', 'C'], rows));
    const rounded = panels(spec).map((values) =>
      values.map(({ series, formula, improvement }) => [series, formula, Math.round(improvement as number)]),
    );
    expect(rounded).toEqual([
      [
        ['COM', 'MgO', -5],
        ['COM', 'ZnS', -50],
        ['SL', 'MgO', -100],
      ],
      [
        ['COM', 'MgO', 63],
        ['SL', 'MgO', -25],
      ],
    ]);
    expect(words.join('\n')).toMatch(
      /COM: as decoded 0 of 2 improve and 2 get worse.*relaxation 1 of 1 improve and 0 get/,
    );
    const svg = await drawSvg(spec);
    expect(svg).toContain('without C');
  });
});

describe('training', () => {
  it('draws alpha and over-estimation of the surrogates that have them', async () => {
    const { spec, words } = trainingFigure(sources(['MgO'], []));
    expect(panels(spec).map((values) => [...new Set(values.map(({ series }) => series))])).toEqual([
      ['COM', 'SL'],
      ['COM', 'SL'],
      ['COM'],
      ['COM'],
    ]);
    expect(words.at(-2)).toBe(
      '  COM: validation error 0.100 eV/atom after 2 epochs, over-estimation 0.031, alpha 0.900.',
    );
    expect(words.at(-1)).toBe('  SL: validation error 0.090 eV/atom after 2 epochs.');
    expect(await drawSvg(spec)).toContain('dual variable');
  });

  it('goes without a penalty', () => {
    const { training, ...others } = sources(['MgO'], []);
    const { spec } = trainingFigure({ ...others, training: training.filter(({ series }) => series === 'SL') });
    expect(panels(spec)).toHaveLength(2);
  });
});
