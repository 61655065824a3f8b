import { describe, expect, it } from 'vitest';
import { chgnet } from '../../../../plugins/scorers/chgnet/index.js';
import { chgnetScorer } from '../../../../plugins/scorers/chgnet/scorer.js';

describe('the CHGNet plugin', () => {
  it('has defaults and refuses options that it does not have', () => {
    expect(chgnet.options.parse({})).toEqual({ model: 'r2scan', runtime: 'auto' });
    expect(chgnet.options.safeParse({ model: '0.2.0' }).success).toBe(false);
    expect(chgnet.options.safeParse({ fmax: 1 }).success).toBe(false);
  });

  it('names its weights, and a second opinion with others', async () => {
    const judge = await chgnetScorer();
    const second = await judge.secondOpinion();
    expect(judge.identity).toMatchObject({ name: 'chgnet', version: 'r2scan' });
    expect(second?.identity).toMatchObject({ name: 'chgnet', version: '0.3.0' });
    expect(second?.identity.weights).not.toBe(judge.identity.weights);
    expect(await second?.secondOpinion()).toBeNull();
  });

  it('knows the elements that each model was trained on', async () => {
    const [judge, second] = [await chgnetScorer('r2scan'), await chgnetScorer('0.3.0')];
    expect([judge.elements.size, second.elements.size]).toEqual([88, 89]);
    expect([second.elements.has('Yb'), judge.elements.has('Yb'), second.elements.has('Po')]).toEqual([
      true,
      false,
      false,
    ]);
  });
});
