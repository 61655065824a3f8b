import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { StepContext } from '../../../../activities/steps/context.js';
import { structureEnergies } from '../../../../activities/steps/evaluate-structures.js';
import { volume } from '../../../../lib/crystal/lattice.js';
import { minimumDistanceRatio } from '../../../../lib/crystal/neighbours.js';
import { symmetry } from '../../../../lib/crystal/symmetry.js';
import { Rng } from '../../../../lib/random/rng.js';
import { relax } from '../../../../lib/relax/relax.js';
import { StructureSpace } from '../../../../lib/search/structure-space.js';
import type { Optimizer, Search } from '../../../../plugins/contract/optimizer.js';
import type { Scorer } from '../../../../plugins/contract/scorer.js';
import { evolution } from '../../../../plugins/optimizers/evolution/index.js';
import { Population } from '../../../../plugins/optimizers/evolution/population.js';
import { ewaldBornMayer } from '../../../../plugins/scorers/ewald-born-mayer/index.js';
import { testContext } from '../../../../plugins/testing/test-context.js';
import type { Crystal, Vec3 } from '../../../../schemas/crystal.js';
import { box } from '../drive.js';

const SALT = ['Na', 'Na', 'Cl', 'Cl'];
const make = (options: Record<string, unknown> = {}, seed = 'evolution'): Optimizer =>
  evolution.create(evolution.options.parse(options), testContext({ seed })) as Optimizer;
const startsOf = (space: StructureSpace, k: number): Float32Array => new Float32Array(k * space.dimension).fill(1);

type Fitness = (crystal: Crystal) => { value: number; crystal: Crystal | null };

/** Asks, evaluates and tells to the end; gives every crystal that was asked for. */
function drive(search: Search, fitness: Fitness, rounds = Number.POSITIVE_INFINITY): Crystal[] {
  const asked: Crystal[] = [];
  for (let round = 0; round < rounds; round++) {
    const crystals = search.ask()?.crystals;
    if (!crystals) break;
    const found = crystals.map(fitness);
    search.tell({
      values: Float32Array.from(found, ({ value }) => value),
      crystals: found.map(({ crystal }) => crystal),
    });
    asked.push(...crystals);
  }
  return asked;
}

/** The denser the better, down to 80 A^3. */
const dense: Fitness = (crystal) => ({ value: Math.abs(volume(crystal.lattice) - 80) / 80, crystal });

describe('a search by evolution', () => {
  it('asks for crystals of the composition that keep distances, volume and gaps, whatever its options', () => {
    const shares = fc.record({
      heredity: fc.constantFrom(0, 0.5),
      ripple: fc.constantFrom(0, 0.5),
      permutation: fc.constantFrom(0, 0.5),
      newcomers: fc.constantFrom(0.1, 1),
      selection: fc.constantFrom('rank', 'roulette'),
      minDistanceRatio: fc.constantFrom(0, 0.6, 0.75),
    });
    fc.assert(
      fc.property(
        shares,
        fc.constantFrom(SALT, ['Mg', 'O'], ['Si', 'Si', 'Si'], ['Ca', 'Ti', 'O', 'O', 'O']),
        (o, species) => {
          const space = new StructureSpace(species);
          const asked = drive(make({ ...o, budget: 24, population: 6 }).start(space, startsOf(space, 1)), dense);
          expect(asked).toHaveLength(24);
          for (const crystal of asked) {
            expect([...crystal.species].sort()).toEqual([...species].sort());
            expect(minimumDistanceRatio(crystal)).toBeGreaterThanOrEqual(Math.max(0.4, o.minDistanceRatio) - 1e-6);
            expect(volume(crystal.lattice)).toBeGreaterThan(space.volumes[0] * (1 - 1e-5));
            expect(volume(crystal.lattice)).toBeLessThan(space.volumes[1] * (1 + 1e-5));
            expect(space.refusal(crystal)).toBeNull();
          }
        },
      ),
      { numRuns: 12 },
    );
  });

  it('keeps its budget, counts what it mended, and finds for a start the same whatever stands beside it', () => {
    const space = new StructureSpace(SALT);
    const three = make({ budget: 33, population: 10 }).start(space, startsOf(space, 3));
    expect(drive(three, dense)).toHaveLength(99);
    expect(three.evaluations).toBe(99);
    expect(three.ask()).toBeNull();
    expect(three.counts?.['redrawn']).toBeGreaterThan(0);
    const one = make({ budget: 33, population: 10 }).start(space, startsOf(space, 1));
    drive(one, dense);
    expect(one.result().crystals?.[0]).toEqual(three.result().crystals?.[0]);
    const [first, second] = three.result().crystals as Crystal[];
    expect(second).not.toEqual(first);
  });

  it('never takes failures for results, and ends without a crystal when all fail', () => {
    const space = new StructureSpace(SALT);
    const search = make({ budget: 20 }).start(space, startsOf(space, 1));
    let call = 0;
    drive(search, (crystal) => (call++ % 2 === 0 ? { value: Number.NaN, crystal: null } : dense(crystal)));
    const { values, trace } = search.result();
    expect(Number.isNaN(trace[0]?.[0])).toBe(true);
    expect(trace[0]?.[1]).toBeGreaterThanOrEqual(values[0] as number);
    const hopeless = make({ budget: 20 }).start(space, startsOf(space, 1));
    drive(hopeless, () => ({ value: Number.NaN, crystal: null }));
    expect(hopeless.result()).toMatchObject({ crystals: [null], values: Float32Array.of(Number.NaN) });
    expect(hopeless.evaluations).toBe(20);
  });

  it('breeds from what it was told a crystal became', () => {
    const space = new StructureSpace(['Na', 'Cl']);
    // Every crystal relaxes to one cube: children of it are that cube or strained from it, and newcomers are turned off.
    const cube: Crystal = {
      lattice: [
        [3, 0, 0],
        [0, 3, 0],
        [0, 0, 3],
      ],
      species: ['Na', 'Cl'],
      frac: [
        [0, 0, 0],
        [0.5, 0.5, 0.5],
      ],
    };
    const only = {
      heredity: 0,
      ripple: 0,
      permutation: 1,
      newcomers: 0,
      population: 4,
      budget: 8,
      minDistanceRatio: 0.4,
    };
    const search = make(only).start(space, startsOf(space, 1));
    const asked = drive(search, () => ({ value: -1, crystal: cube }));
    for (const child of asked.slice(4)) {
      expect(volume(child.lattice)).toBeCloseTo(27, 6);
      expect(child.species).toEqual(['Cl', 'Na']);
    }
    expect(search.counts?.['duplicates']).toBe(7);
  });

  it('goes on from any state with the same bytes', () => {
    const space = new StructureSpace(SALT);
    const options = { budget: 30, population: 6 };
    const alone = make(options).start(space, startsOf(space, 2));
    drive(alone, dense);
    let search = make(options).start(space, startsOf(space, 2));
    while (search.ask() !== null) {
      search = make(options).restore(space, search.state());
      drive(search, dense, 1);
    }
    expect(JSON.stringify(search.result())).toBe(JSON.stringify(alone.result()));
    expect(Buffer.from(search.state())).toEqual(Buffer.from(alone.state()));
  });

  it('needs a space of structures', () => {
    expect(() => make().start(box(2), new Float32Array(2))).toThrow(/needs a space of structures/);
    expect(() => evolution.options.parse({ amplitude: [1, 0.5] })).toThrow(/reversed/);
    expect(() => evolution.options.parse({ heredity: 0, ripple: 0, permutation: 0, newcomers: 0 })).toThrow(/all 0/);
  });
});

describe('a population', () => {
  const salt = (a: number, shift = 0): Crystal => ({
    lattice: [
      [0, a / 2, a / 2],
      [a / 2, 0, a / 2],
      [a / 2, a / 2, 0],
    ],
    species: ['Na', 'Cl'],
    frac: [
      [shift, shift, shift],
      [0.5 + shift, 0.5 + shift, 0.5 + shift],
    ],
  });
  const population = () => new Population(3, { selection: 'rank', bestFraction: 0.7, energyTolerance: 0.01 });

  it('holds each structure once, the lower of two, and only the best', () => {
    const held = population();
    expect(held.add({ crystal: salt(5.6), energyPerAtom: -3 })).toBe(false);
    // The same one elsewhere in its cell, lower; and higher.
    expect(held.add({ crystal: salt(5.61, 0.3), energyPerAtom: -3.005 })).toBe(true);
    expect(held.add({ crystal: salt(5.6, 0.1), energyPerAtom: -3.001 })).toBe(true);
    expect(held.members.map(({ energyPerAtom }) => energyPerAtom)).toEqual([-3.005]);
    // Alike, but far off in energy: another one (the matcher does not compare volumes).
    for (const energyPerAtom of [-2, -1, -2.5]) held.add({ crystal: salt(7), energyPerAtom });
    expect(held.members.map(({ energyPerAtom }) => energyPerAtom)).toEqual([-3.005, -2.5, -2]);
  });

  it('gives its better members more children', () => {
    const held = population();
    for (const energyPerAtom of [-3, -2, -1]) held.add({ crystal: salt(5.6), energyPerAtom });
    const rng = Rng.from('parents');
    const counts = [0, 0, 0];
    for (let i = 0; i < 3000; i++) {
      const parent = held.parent(rng);
      if (parent) counts[held.members.indexOf(parent)]!++;
    }
    // Weights 3, 2, 1 of the ceil(0.7 x 3) = 3 best.
    expect(counts[0]! / 3000).toBeCloseTo(1 / 2, 1);
    expect(counts[1]! / 3000).toBeCloseTo(1 / 3, 1);
    expect(counts[2]! / 3000).toBeCloseTo(1 / 6, 1);
  });
});

describe('on rigid ions', () => {
  const context = { signal: new AbortController().signal, tick: () => undefined } as unknown as StepContext;

  /** Lowest energy (eV/atom) that an optimizer finds with relaxation, and its crystal. */
  async function lowest(optimizer: Optimizer, space: StructureSpace, scorer: Scorer) {
    const starts = Float32Array.from(space.lower, (low, j) => (low + (space.upper[j] as number)) / 2);
    const search = optimizer.start(space, starts);
    const energies = structureEnergies(context, { space, scorer, relaxSteps: 60, rejected: { points: 0 } });
    for (let ask = search.ask(); ask !== null; ask = search.ask()) search.tell(await energies(ask));
    const { values, crystals } = search.result();
    return { energy: values[0] as number, crystal: crystals?.[0] };
  }

  it('finds the ground state, rock salt, in cells of two formula units', async () => {
    const scorer = (await ewaldBornMayer.create(ewaldBornMayer.options.parse({}), testContext())) as Scorer;
    const frac: Vec3[] = [
      [0, 0, 0],
      [0.5, 0.5, 0.5],
    ];
    const lattice = [
      [0, 2.8, 2.8],
      [2.8, 0, 2.8],
      [2.8, 2.8, 0],
    ] as Crystal['lattice'];
    const known = await relax((c) => scorer.evaluate(c), { lattice, species: ['Na', 'Cl'], frac }, { fmax: 0.01 });
    const space = new StructureSpace(SALT);
    const found = await lowest(make({ budget: 80 }), space, scorer);
    const end = await relax((c) => scorer.evaluate(c), found.crystal as Crystal, { fmax: 0.01, maxSteps: 500 });
    expect(end.energyPerAtom - known.energyPerAtom).toBeLessThan(0.002);
    expect(end.energyPerAtom - known.energyPerAtom).toBeGreaterThan(-0.002);
    expect(symmetry(end.crystal, 0.1).number).toBe(225);
  });
});
