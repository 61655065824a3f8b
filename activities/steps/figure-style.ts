/** Blue and orange are the paper's for LCOMs and SL; the others are the rest of Okabe and Ito's, told apart by all eyes. */
export const COLOURS: readonly string[] = ['#0072B2', '#D55E00', '#009E73', '#CC79A7', '#E69F00', '#56B4E9', '#666666'];

/** Fonts, lines and colours of every figure. */
export const STYLE = {
  background: 'white',
  font: 'Helvetica, Arial, sans-serif',
  axis: {
    ...{ labelFontSize: 11, titleFontSize: 11, titleFontWeight: 'normal', titlePadding: 8 },
    ...{ gridColor: '#ebebeb', domainColor: '#888888', tickColor: '#888888' },
  },
  legend: { labelFontSize: 11, titleFontSize: 11, symbolStrokeWidth: 2, labelLimit: 240 },
  title: {
    ...{ anchor: 'start', fontSize: 13, fontWeight: 'bold', subtitleFontSize: 11, subtitleColor: '#444444' },
    ...{ subtitlePadding: 4, offset: 12 },
  },
  view: { stroke: null },
} as const;

/** The colour of each series, in the order of the legend. */
export function seriesColour(titles: readonly string[], symbolType: 'stroke' | 'square', colours = COLOURS) {
  const range = titles.map((_, i) => colours[i % colours.length] as string);
  return {
    field: 'series',
    type: 'nominal',
    title: null,
    scale: { domain: [...titles], range },
    // Opaque even where a mark is a pale band.
    legend: { orient: 'bottom', direction: 'horizontal', columns: 6, symbolType, symbolOpacity: 1 },
  } as const;
}

/** A panel's title says what it shows and in which unit, above its axes; at most some 35 letters, since Vega keeps room for wide ones. */
export const panelTitle = (text: string) => ({
  ...{ text, frame: 'group', anchor: 'start', fontSize: 12, fontWeight: 'normal', offset: 8 },
});

/** Ticks of a logarithmic axis: 1, 2 and 5 of each decade, for axes of few decades; or 1 alone. */
export const logTicks = (steps: readonly number[]): number[] =>
  Array.from({ length: 10 }, (_, i) => steps.map((step) => Number(`${step}e${i - 4}`))).flat();

export const SCHEMA = 'https://vega.github.io/schema/vega-lite/v6.json';
