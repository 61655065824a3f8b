import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { relax } from '../../../../lib/relax/relax.js';
import { ionsOf } from '../../../../plugins/scorers/ewald-born-mayer/charges.js';
import { erfc } from '../../../../plugins/scorers/ewald-born-mayer/error-function.js';
import { COULOMB } from '../../../../plugins/scorers/ewald-born-mayer/ewald.js';
import { bornMayerScorer } from '../../../../plugins/scorers/ewald-born-mayer/potential.js';
import type { Crystal, Mat3 } from '../../../../schemas/crystal.js';
import { LcomsError } from '../../../../schemas/errors.js';
import { evaluated, expectSameElsewhere, ionsArbitrary, relativeError, slopes } from './landscape.js';
import { classicalFixture } from './reference.js';

const DEFAULTS = { charges: {}, radii: {}, rho: 0.345, c6: {}, cutoff: 8, switchFrom: 0.66 };
const scorer = bornMayerScorer(DEFAULTS);
/** Repulsion that is nothing at any distance between ions. */
const COULOMB_ALONE = { ...DEFAULTS, rho: 0.01, cutoff: 1 };

const scaled = (m: number[][], a: number): Mat3 => m.map((v) => v.map((x) => x * a)) as Mat3;
const FCC = [
  [0, 0.5, 0.5],
  [0.5, 0, 0.5],
  [0.5, 0.5, 0],
];
const CUBE = [
  [1, 0, 0],
  [0, 1, 0],
  [0, 0, 1],
];
const rocksalt = (a: number, species = ['Na', 'Cl']): Crystal => ({
  lattice: scaled(FCC, a),
  species,
  frac: [
    [0, 0, 0],
    [0.5, 0.5, 0.5],
  ],
});

/**
 * Madelung constants over the nearest distance (a = 5 A), energies of one formula unit: Borwein et al., Lattice Sums
 * Then and Now (2013), table of chapter 1; that of fluorite is twice that of zinc blende plus that of caesium chloride.
 */
const MADELUNG: [string, Crystal, number, number, number][] = [
  ['rock salt', rocksalt(5), 1, 2.5, 1.7475645946331822],
  [
    'caesium chloride',
    { ...rocksalt(5, ['Cs', 'Cl']), lattice: scaled(CUBE, 5) },
    1,
    (5 * Math.sqrt(3)) / 2,
    1.7626747730709884,
  ],
  [
    'zinc blende',
    {
      ...rocksalt(5, ['Zn', 'S']),
      frac: [
        [0, 0, 0],
        [0.25, 0.25, 0.25],
      ],
    },
    4,
    (5 * Math.sqrt(3)) / 4,
    1.6380550533888,
  ],
  [
    'fluorite',
    {
      lattice: scaled(FCC, 5),
      species: ['Ca', 'F', 'F'],
      frac: [
        [0, 0, 0],
        [0.25, 0.25, 0.25],
        [0.75, 0.75, 0.75],
      ],
    },
    1,
    (5 * Math.sqrt(3)) / 4,
    2 * 1.6380550533888 + 1.7626747730709884,
  ],
];

describe('scorer/ewald-born-mayer', () => {
  it.each(MADELUNG)('has the Madelung constant of %s', async (_, crystal, product, distance, madelung) => {
    const { energy } = await evaluated(bornMayerScorer(COULOMB_ALONE), crystal);
    expect(Math.abs((-energy * distance) / (product * COULOMB) - madelung)).toBeLessThan(1e-9);
  });

  it('gives Coulomb energies and forces of pymatgen on 40 cells of any shape', async () => {
    const { coulomb, ewald } = classicalFixture();
    for (const [i, { lattice, species, frac, charge, energy, forces }] of ewald.entries()) {
      const own = bornMayerScorer({ ...COULOMB_ALONE, charges: { Na: charge, Cl: -charge } });
      const found = await evaluated(own, { lattice, species, frac });
      const scale = COULOMB / coulomb;
      expect(Math.abs(found.energy - energy * scale), `cell ${i}`).toBeLessThan(1e-7 * Math.abs(energy));
      expect(
        relativeError(
          found.forces,
          forces.map((f) => f * scale),
          0.1,
        ),
        `forces of cell ${i}`,
      ).toBeLessThan(1e-7);
    }
  });

  it('has forces and stress that follow from its energies, with and without dispersion', async () => {
    const dispersive = bornMayerScorer({ ...DEFAULTS, c6: { 'Cl-Cl': 72.4, 'O-Mg': 20, 'F-F': 15 }, cutoff: 6 });
    await fc.assert(
      fc.asyncProperty(ionsArbitrary(1), fc.constantFrom(scorer, dispersive), async (crystal, own) => {
        const { forces, stress } = await evaluated(own, crystal);
        const expected = await slopes(own, crystal);
        // The differences themselves are good to about 1e-6.
        expect(relativeError(forces, expected.forces, 0.1)).toBeLessThan(3e-6);
        expect(relativeError(stress, expected.stress, 1)).toBeLessThan(3e-6);
      }),
      { numRuns: 25 },
    );
  });

  it('does not depend on place, order, cell, orientation and supercell', async () => {
    await expectSameElsewhere(scorer, 1, 1e-9);
  });

  it('comes to zero smoothly at its cutoff', async () => {
    const dispersion = { ...DEFAULTS, c6: { 'Na-Cl': 1000 } };
    const difference = async (distance: number): Promise<[number, number]> => {
      const crystal: Crystal = {
        lattice: scaled(CUBE, 60),
        species: ['Na', 'Cl'],
        frac: [
          [0, 0, 0],
          [distance / 60, 0, 0],
        ],
      };
      const [a, b] = [await evaluated(bornMayerScorer(dispersion), crystal), await evaluated(scorer, crystal)];
      return [a.energy - b.energy, (a.forces[0] as number) - (b.forces[0] as number)];
    };
    for (const by of await difference(8 - 1e-6)) expect(Math.abs(by)).toBeLessThan(1e-8);
    for (const by of await difference(8 + 1e-6)) expect(by).toBe(0);
    expect((await difference(5))[0]).toBeCloseTo(-1000 / 5 ** 6, 9);
  });

  it('relaxes rock salts to ions that touch, as the rule of its repulsion says', async () => {
    for (const [species, a] of [
      [['Na', 'Cl'], 2 * (1.02 + 1.81)],
      [['K', 'Br'], 2 * (1.38 + 1.96)],
      [['Mg', 'O'], 2 * (0.72 + 1.4)],
    ] as const) {
      const start = rocksalt(a * 1.08, [...species]);
      const { crystal, converged } = await relax((c) => scorer.evaluate(c), start, { fmax: 1e-3 });
      expect(converged).toBe(true);
      const found = Math.SQRT2 * Math.hypot(...crystal.lattice[0]);
      // The rule counts nearest neighbours; the next ones of opposite charge push the cell out by a little.
      expect(found / a).toBeGreaterThan(1);
      expect(found / a).toBeLessThan(1.01);
    }
  });

  it('puts typed errors in the place of crystals that it cannot judge, and judges the rest', async () => {
    const good = rocksalt(5.64);
    const bad: [Crystal, string][] = [
      [
        {
          ...good,
          frac: [
            [0, 0, 0],
            [Number.NaN, 0, 0],
          ],
        },
        'LCOMS_E_CRYSTAL',
      ],
      [
        {
          ...good,
          frac: [
            [0, 0, 0],
            [0, 0, 0],
          ],
        },
        'LCOMS_E_CRYSTAL',
      ],
      [
        {
          ...good,
          frac: [
            [0, 0, 0],
            [0.05, 0, 0],
          ],
        },
        'LCOMS_E_CRYSTAL',
      ],
      [
        {
          ...good,
          lattice: [
            [5, 0, 0],
            [0, 5, 0],
            [5, 5, 0],
          ],
        },
        'LCOMS_E_CRYSTAL',
      ],
      [{ ...good, species: ['Na', 'Xe'] }, 'LCOMS_E_ELEMENT_UNKNOWN'],
      [{ ...good, species: ['Na', 'Na'] }, 'LCOMS_E_CRYSTAL'],
    ];
    const results = await scorer.evaluate([good, ...bad.map(([crystal]) => crystal), good]);
    expect(results.slice(1, -1).map((r) => (r instanceof LcomsError ? r.code : 'judged'))).toEqual(
      bad.map(([, c]) => c),
    );
    expect(results[0]).toEqual(results.at(-1));
    expect((results[0] as { energy: number }).energy).toBeLessThan(-7);
  });

  it('has another identity with other parameters', () => {
    expect(bornMayerScorer({ ...DEFAULTS }).identity).toEqual(scorer.identity);
    expect(bornMayerScorer({ ...DEFAULTS, rho: 0.3 }).identity).not.toEqual(scorer.identity);
  });
});

describe('charges', () => {
  it.each([
    [['Ti', 'O', 'O'], { Ti: 4, O: -2 }],
    [['Fe', 'O'], { Fe: 2, O: -2 }],
    [['Fe', 'Fe', 'O', 'O', 'O'], { Fe: 3, O: -2 }],
    [['Ca', 'Ti', 'O', 'O', 'O'], { Ca: 2, Ti: 4, O: -2 }],
    [['S', 'O', 'O', 'O'], { S: 6, O: -2 }],
    [['Zn', 'S'], { Zn: 2, S: -2 }],
  ])('of %j', (species, expected) => {
    const found = Object.entries(ionsOf(species)).map(([element, { charge }]) => [element, charge]);
    expect(Object.fromEntries(found)).toEqual(expected);
  });

  it('are refused where none are neutral, naming what was tried', () => {
    expect(() => ionsOf(['Fe', 'Fe', 'Fe', 'O', 'O', 'O', 'O'])).toThrow(/Fe 2 or 3/);
    expect(() => ionsOf(['Na', 'Cl'], { Na: 0.5 })).toThrow(expect.objectContaining({ code: 'LCOMS_E_CRYSTAL' }));
    expect(ionsOf(['Na', 'Cl'], { Na: 0.5, Cl: -0.5 }).Na).toEqual({ charge: 0.5, radius: 1.02 });
  });
});

describe('erfc', () => {
  it('has the tabulated values', () => {
    // Python's math.erfc.
    for (const [x, value] of [
      [0, 1],
      [0.1, 0.8875370839817152],
      [0.5, 0.4795001221869535],
      [1, 0.15729920705028513],
      [2, 0.004677734981047266],
      [2.2, 0.0018628462979818894],
      [3, 2.2090496998585438e-5],
      [5, 1.5374597944280351e-12],
    ] as const)
      expect(Math.abs(erfc(x) - value)).toBeLessThan(2e-15);
  });
});
