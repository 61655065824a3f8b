import { describe, expect, it } from 'vitest';
import { confidenceOf, type Evidence } from '../../../activities/predict/confidence.js';

const sure: Evidence = {
  rank: 1,
  agreeing: 7,
  tries: 20,
  templates: 0,
  precedents: { count: 0, share: 0 },
  above: 0,
  gap: 0.04,
  secondLower: 0,
  aboveKnown: null,
  unseen: [],
  complete: true,
};

describe('confidence', () => {
  it('is high when nothing speaks against it', () => {
    expect(confidenceOf(sure)).toEqual({
      level: 'high',
      notes: [
        '7 of 20 tries ended in it',
        'the next higher structure is at +40.0 meV/atom',
        'the second opinion ranks it first too',
      ],
    });
    expect(confidenceOf({ ...sure, gap: null, aboveKnown: 0.001 }).level).toBe('high');
  });

  it.each<[string, Partial<Evidence>, string]>([
    ['medium', { agreeing: 2 }, '2 of 20 tries'],
    ['medium', { gap: 0.004 }, '+4.0 meV/atom'],
    ['medium', { secondLower: 0.03 }, 'puts another structure 30.0 meV/atom lower'],
    ['medium', { secondLower: null }, 'no second opinion'],
    ['medium', { complete: false }, 'interrupted'],
    ['low', { agreeing: 1 }, '1 of 20 tries'],
    ['medium', { above: 0.02 }, '20.0 meV/atom above the lowest structure found, which has fewer precedents'],
    ['low', { above: 0.06 }, '60.0 meV/atom above the lowest'],
    ['low', { rank: 2, above: 0.02 }, '20.0 meV/atom above the lowest'],
    ['low', { rank: 2 }, 'with fewer precedents than the first'],
    [
      'high',
      { precedents: { count: 12, share: 0.517 } },
      '12 of the most similar known crystals have its structure type, 52 % by weight',
    ],
    ['low', { secondLower: 0.08 }, '80.0 meV/atom lower'],
    ['low', { aboveKnown: 0.02 }, 'the search missed it'],
    ['low', { aboveKnown: -0.2 }, 'perhaps a hole of the scorer'],
    ['low', { unseen: ['the element Yb'] }, 'has not seen the element Yb'],
    ['high', { secondLower: 0.005 }, '5.0 meV/atom lower'],
    ['high', { aboveKnown: -0.03 }, '30.0 meV/atom below every known'],
  ])('is %s for %j', (level, change, note) => {
    const confidence = confidenceOf({ ...sure, ...change });
    expect(confidence.level).toBe(level);
    expect(confidence.notes.join('\n')).toContain(note);
  });

  it('is not mended by what is fine beside a low point', () => {
    expect(confidenceOf({ ...sure, agreeing: 1, gap: 0.004, complete: false }).level).toBe('low');
  });
});
