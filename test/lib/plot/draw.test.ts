import { describe, expect, it } from 'vitest';
import { drawSvg, type PlotSpec } from '../../../lib/plot/draw.js';

const line = (values: { x: number; y: number }[], more: object = {}): PlotSpec =>
  ({
    data: { values },
    mark: { type: 'line', clip: true },
    encoding: { x: { field: 'x', type: 'quantitative' }, y: { field: 'y', type: 'quantitative', ...more } },
  }) as PlotSpec;
const A = line([
  { x: 0, y: 1 },
  { x: 1, y: 3 },
]);
const B = line([
  { x: 0, y: 9 },
  { x: 5, y: 2 },
]);

describe('drawSvg', () => {
  it('draws the data, and the same bytes whatever was drawn before or is drawn beside it', async () => {
    const alone = await drawSvg(A);
    expect(alone).toMatch(/^<svg [^>]*xmlns/);
    expect(alone).toContain('aria-roledescription="line mark"');
    const [b, again] = await Promise.all([drawSvg(B), drawSvg(A)]);
    expect(again).toBe(alone);
    expect(b).not.toBe(alone);
  });

  it('refuses what Vega-Lite would draw in another way than asked', async () => {
    const bad = line([{ x: 0, y: 1 }], { scale: { type: 'log', zero: true } });
    await expect(drawSvg(bad)).rejects.toThrow(/not drawn as asked.*zero/);
    // One that fails does not stop the next.
    await expect(drawSvg(A)).resolves.toContain('<svg');
  });
});
