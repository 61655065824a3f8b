import { beforeAll, describe, expect, it } from 'vitest';
import { latentDescent } from '../../../activities/predict/descent.js';
import type { SearchModel } from '../../../activities/predict/search.js';
import { CellSizes } from '../../../activities/predict/sources/cell-sizes.js';
import { sourcesOf } from '../../../activities/predict/sources/index.js';
import { type CandidateSource, SOURCES, type SourceName } from '../../../activities/predict/sources/source.js';
import { embeddedTemplates, templatesOf } from '../../../activities/predict/sources/template-data.js';
import type { Template } from '../../../activities/predict/sources/templates.js';
import { compositionOf, reducedFormula } from '../../../lib/crystal/composition.js';
import { matchStructures } from '../../../lib/crystal/matcher.js';
import { minimumDistanceRatio } from '../../../lib/crystal/neighbours.js';
import { symmetry } from '../../../lib/crystal/symmetry.js';
import { Rng } from '../../../lib/random/rng.js';
import { solidGuard } from '../../../lib/scoring/guards.js';
import type { EncoderModel } from '../../../plugins/contract/encoder.js';
import type { Scorer } from '../../../plugins/contract/scorer.js';
import { chgnetScorer } from '../../../plugins/scorers/chgnet/scorer.js';
import type { Composition, Crystal } from '../../../schemas/crystal.js';
import { toyModel } from './toy-model.js';

let scorer: Scorer;
let embedded: Template[];

beforeAll(async () => {
  scorer = await chgnetScorer();
  embedded = await embeddedTemplates();
}, 60_000);

interface Given {
  units?: number[];
  atoms?: number;
  templates?: Template[];
  minima?: Crystal[];
  model?: SearchModel;
}

async function sources(
  unit: Composition,
  { units = [1, 2], atoms, templates, minima = [], model = toyModel('0') }: Given = {},
) {
  const optimizer = await latentDescent(32);
  const { signal } = new AbortController();
  const options = { model, optimizer, scorer, draws: 2, signal, atoms, minima };
  const all = sourcesOf(unit, units, { ...options, templates: templates ?? embedded });
  return (name: SourceName): CandidateSource => {
    const source = all.find((s) => s.name === name);
    if (!source) throw new Error(`no source ${name}`);
    return source;
  };
}

const crystals = async (source: CandidateSource, count: number, seed = '0') =>
  (await source.propose(count, Rng.from(seed))).filter((c) => typeof c !== 'string');

describe('every source', () => {
  it.each(SOURCES.filter((name) => name !== 'prior' && name !== 'walk from random start'))(
    '%s gives crystals of the composition without overlaps, the same for the same seed',
    async (name) => {
      const unit = { Mg: 1, O: 1 };
      const found = await crystals((await sources(unit))(name), 4);
      expect(found.length).toBeGreaterThan(1);
      for (const { crystal } of found) {
        expect(reducedFormula(compositionOf(crystal.species))).toBe('MgO');
        expect(minimumDistanceRatio(crystal)).toBeGreaterThan(0.35);
      }
      expect(JSON.stringify(await crystals((await sources(unit))(name), 4))).toBe(JSON.stringify(found));
    },
  );

  it('walk from random start takes each minimum once, and waits while there are none', async () => {
    const minima: Crystal[] = [];
    const source = (await sources({ Mg: 1, O: 1 }, { minima }))('walk from random start');
    expect(await source.propose(2, Rng.from('0'))).toEqual([]);
    const [start] = await crystals((await sources({ Mg: 1, O: 1 }))('random start'), 1);
    minima.push((start as { crystal: Crystal }).crystal);
    expect(await source.propose(2, Rng.from('0'))).toHaveLength(1);
    expect(await source.propose(2, Rng.from('0'))).toEqual([]);
  });
});

describe('decorations', () => {
  const halfHeusler: Template = {
    name: 'TiNiSn',
    crystal: {
      lattice: [
        [0, 3, 3],
        [3, 0, 3],
        [3, 3, 0],
      ],
      species: ['Ti', 'Sn', 'Ni'],
      frac: [
        [0, 0, 0],
        [0.5, 0.5, 0.5],
        [0.25, 0.25, 0.25],
      ],
    },
  };

  it('take each element on each site, from crystals of any stoichiometry, the most alike first, and end', async () => {
    const given = { units: [1], templates: [halfHeusler] };
    const found = await crystals((await sources({ Zr: 1, Ge: 1, Pd: 1 }, given))('decoration'), 99);
    // The library has types of three atoms too, and one of these may be the same crystal.
    const ours = found.filter(({ crystal }) => symmetry(crystal, 0.1).number === 216);
    const tetrahedral = ours.map(({ crystal }) => {
      const { species, frac } = crystal;
      const apart = (i: number, k: number) =>
        [0, 1, 2]
          .map((axis) => (frac[i]?.[axis] ?? 0) - (frac[k]?.[axis] ?? 0))
          .map((x) => Math.abs(x - Math.round(x)));
      // The third is half a body diagonal away from neither of the others.
      return species.find((_, i) =>
        [0, 1, 2].every((k) => k === i || apart(i, k).every((x) => Math.abs(x - 0.25) < 0.02)),
      );
    });
    expect(new Set(tetrahedral)).toEqual(new Set(['Zr', 'Ge', 'Pd']));
    expect(ours[0]?.note).toBe('TiNiSn');
    const oxide = (await sources({ Zr: 1, O: 2 }, given))('decoration');
    expect((await crystals(oxide, 99)).length).toBeGreaterThan(0);
    expect(await oxide.propose(1, Rng.from('0'))).toEqual([]);
  });

  it('are decoded from where their atoms are, by an encoder that can, in the same order', async () => {
    const asked: { crystals: Crystal[]; noise: number }[] = [];
    const model = toyModel('0');
    const encoder: EncoderModel = {
      ...model.encoder,
      decodeFrom: async (_, starts, noise) => {
        asked.push({ crystals: starts, noise });
        return starts;
      },
    };
    const of = await sources({ Mg: 1, O: 1 }, { model: { ...model, encoder } });
    const walked = await crystals(of('walk from decoration'), 3);
    expect(walked).toHaveLength(3);
    expect(asked[0]?.noise).toBe(0.3);
    // Two draws of each of three starts.
    expect(asked[0]?.crystals).toHaveLength(6);
    const [plain] = await crystals(of('decoration'), 1);
    expect([walked[0]?.note, plain?.note]).toEqual(['ScN', 'ScN']);
    expect(
      matchStructures((walked[0] as { crystal: Crystal }).crystal, (plain as { crystal: Crystal }).crystal).match,
    ).toBe(true);
  });
});

describe('prototypes', () => {
  it('begin with the type of the most similar compounds', async () => {
    const first = async (unit: Composition) => (await crystals((await sources(unit))('prototype'), 1))[0]?.note;
    expect(await first({ Ca: 1, O: 1 })).toBe('rocksalt');
    expect(await first({ Ge: 1, O: 2 })).toBe('alpha-quartz');
    expect(await first({ Ca: 1, Ti: 1, O: 3 })).toBe('perovskite, orthorhombic');
    expect(await first({ Fe: 2, O: 3 })).toBe('corundum');
    expect(await first({ Zn: 1, Al: 2, O: 4 })).toBe('spinel');
  });

  it('put each element where it belongs: calcium among twelve oxygens, titanium among six', async () => {
    const [found] = (await crystals((await sources({ Ti: 1, O: 3, Ca: 1 }))('prototype'), 9)).filter(
      ({ note }) => note === 'perovskite',
    );
    const { frac, species } = (found as { crystal: Crystal }).crystal;
    const near = (element: string, at: number) =>
      Math.abs(((frac[species.indexOf(element)]?.[0] ?? 9) % 1) - at) < 0.05;
    expect(near('Ca', 0) || near('Ca', 1)).toBe(true);
    expect(near('Ti', 0.5)).toBe(true);
  });

  it('never propose one structure twice, nor what a template has proposed', async () => {
    const of = await sources({ Mg: 1, O: 1 });
    const all = [...(await crystals(of('template'), 6)), ...(await crystals(of('prototype'), 40))];
    expect(all.length).toBeGreaterThan(12);
    for (const [i, a] of all.entries())
      for (const b of all.slice(i + 1))
        expect(matchStructures(a.crystal, b.crystal, { ltol: 0.01, stol: 0.005, angleTol: 0.5 }).match).toBe(false);
  });

  it('have nothing for a stoichiometry of no type, and end', async () => {
    const of = await sources({ Mg: 7, O: 11 });
    expect(await of('prototype').propose(5, Rng.from('0'))).toEqual([]);
    expect(await of('template').propose(5, Rng.from('0'))).toEqual([]);
    const every = (await sources({ Si: 1 }))('prototype');
    const counts = [await every.propose(100, Rng.from('0')), await every.propose(100, Rng.from('0'))].map(
      (c) => c.length,
    );
    expect(counts[0]).toBeGreaterThan(12);
    expect(counts[1]).toBe(0);
  });

  it('of cells that fit into the number of atoms that is wanted', async () => {
    for (const { crystal } of await crystals((await sources({ Ti: 1, O: 2 }, { atoms: 6 }))('prototype'), 50))
      expect(6 % crystal.species.length).toBe(0);
  });

  it('are near enough to a solid of the right density', async () => {
    const found = await crystals((await sources({ K: 1, Mg: 1, F: 3 }))('prototype'), 4);
    for (const { crystal } of found) {
      expect(solidGuard(crystal).ok).toBe(true);
      const [evaluation] = await scorer.evaluate([crystal]);
      expect(Number.isFinite((evaluation as { energy: number }).energy)).toBe(true);
    }
  });
});

describe('templates', () => {
  it('begin with the crystals of the most similar elements', async () => {
    const of = await sources({ Ca: 1, S: 1 });
    const [first] = await crystals(of('template'), 1);
    expect(first?.note).toBe('CaSe');
  });

  it('say what is wrong with the file', async () => {
    await expect(templatesOf('nowhere.jsonl')).rejects.toMatchObject({ code: 'LCOMS_E_FILE' });
    await expect(templatesOf('package.json')).rejects.toMatchObject({
      code: 'LCOMS_E_DATA_EMPTY',
      message: expect.stringContaining('holds no crystal'),
    });
  });
});

describe('random sources', () => {
  it('symmetric starts have their space group or a higher one', async () => {
    for (const { crystal, note } of await crystals((await sources({ Ca: 1, F: 2 }))('symmetric start'), 6)) {
      expect(symmetry(crystal, 0.001).number).toBeGreaterThan(1);
      expect(note).toMatch(/^space group \d+$/);
    }
  });

  it('say why there is none, instead of searching for ever', async () => {
    const [one] = await (await sources({ Cs: 1 }, { units: [1] }))('random start').propose(1, Rng.from('0'));
    expect(one).toBeDefined();
  });
});

it('sizes are dealt in rounds, small ones first', () => {
  const sizes = new CellSizes({ Mg: 1, O: 1 }, [1, 2, 3]);
  expect(sizes.take(9).map((species) => species.length)).toEqual([2, 2, 4, 2, 4, 6, 2, 4, 6]);
});
