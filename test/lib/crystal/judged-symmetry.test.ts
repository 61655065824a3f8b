import { describe, expect, it } from 'vitest';
import { rotations, symmetry } from '../../../lib/crystal/symmetry.js';
import type { Crystal } from '../../../schemas/crystal.js';
import { loadFixture } from './fixtures.js';

interface Case {
  kind: 'prototype' | 'minimum' | 'random' | 'near';
  crystal: Crystal;
  symprec: number;
  /** By spglib. */
  number: number;
  operations: number;
}
const { cases } = loadFixture<{ cases: Case[] }>('judged-symmetry.json.gz');

/** Those whose group or number of operations differ, in words. */
function differing(some: readonly Case[]): string[] {
  return some.flatMap(({ kind, crystal, symprec, number, operations }) => {
    const found = { number: symmetry(crystal, symprec).number, operations: rotations(crystal, symprec).length };
    if (found.number === number && found.operations === operations) return [];
    return [
      `${kind} ${cases.findIndex((c) => c.crystal === crystal)} ${crystal.species.join('')} within ${symprec} A: ` +
        `moyo ${found.number} (${found.operations} operations), spglib ${number} (${operations})`,
    ];
  });
}

describe('space groups of 300 crystals, moyo against spglib', () => {
  it('agree on every prototype and random crystal whose distortions are far from symprec', () => {
    expect(differing(cases.filter(({ kind }) => kind === 'prototype' || kind === 'random'))).toEqual([]);
  });

  it('agree on at least 98 % of these and relaxed minima', () => {
    const clear = cases.filter(({ kind }) => kind !== 'near');
    const wrong = differing(clear);
    expect(clear).toHaveLength(225);
    expect(wrong.length, wrong.join('\n')).toBeLessThanOrEqual(0.02 * clear.length);
  });

  it('mostly agree where distortions are as large as symprec', () => {
    const near = cases.filter(({ kind }) => kind === 'near');
    const wrong = differing(near);
    expect(wrong.length, wrong.join('\n')).toBeLessThanOrEqual(0.3 * near.length);
  });
});
