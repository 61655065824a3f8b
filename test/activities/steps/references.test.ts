import { beforeAll, describe, expect, it } from 'vitest';
import type { StepContext } from '../../../activities/steps/context.js';
import { elementReferences } from '../../../activities/steps/element-references.js';
import { judge } from '../../../activities/steps/judge.js';
import type { Truth } from '../../../activities/steps/truth.js';
import type { Scorer } from '../../../plugins/contract/scorer.js';
import { chgnetScorer } from '../../../plugins/scorers/chgnet/scorer.js';

const said: string[] = [];
const context = {
  node: { options: { fmax: 0.05, maxSteps: 250 } },
  signal: new AbortController().signal,
  tick: () => {},
  log: (line: string) => said.push(line),
} as unknown as StepContext;

let other: Scorer;
beforeAll(async () => {
  // The weights for which no references ship.
  other = await chgnetScorer('0.3.0');
});

describe('element references', () => {
  it('come with the scorer where it has them', async () => {
    const scorer = await chgnetScorer('r2scan');
    expect(await elementReferences(context, scorer, ['MgO', 'NaCl'], [])).toEqual({
      Cl: scorer.elementReferences?.['Cl'],
      Mg: scorer.elementReferences?.['Mg'],
      Na: scorer.elementReferences?.['Na'],
      O: scorer.elementReferences?.['O'],
    });
  });

  it('are made by the same scorer where it has none: the lowest of relaxed structure types', async () => {
    const { Mg } = await elementReferences(context, other, ['Mg'], []);
    // Materials Project, mp-153 (hcp), PBE: -1.59 eV/atom, which these weights were trained on.
    expect(Mg).toBeGreaterThan(-1.65);
    expect(Mg).toBeLessThan(-1.55);
  }, 60_000);
});

describe('judging', () => {
  it('refuses a truth that another scorer relaxed', async () => {
    const truth: Truth = {
      scorer: { ...other.identity, version: 'r2scan' },
      secondScorer: null,
      elementReferences: {},
      compounds: [],
    };
    await expect(judge(context, other, truth, 'MgO', [])).rejects.toMatchObject({
      code: 'LCOMS_E_INPUT',
      message: expect.stringMatching(/by chgnet r2scan.*by chgnet 0\.3\.0.*never compared/) as string,
    });
  });
});
