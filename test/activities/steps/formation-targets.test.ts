import { describe, expect, it } from 'vitest';
import type { DatasetInfo, PreparedCrystal } from '../../../activities/steps/dataset-artifact.js';
import { formationTargets, withFormationTargets } from '../../../activities/steps/formation-targets.js';
import type { EnergyScale } from '../../../plugins/contract/dataset.js';

const energy = (kind: EnergyScale['kind']): EnergyScale => ({ kind, scorer: null, description: '' });
const ELEMENTS: Record<string, number> = { Li: -2, Na: -1.3, Mg: -1.5, F: -1.9, O: -4.9, Cl: -1.8 };
/** eV/atom below the elements. */
const DEPTHS: Record<string, number> = {
  'Li F': -3.2,
  'Na F': -2.9,
  'Na Cl': -2.1,
  'Li Cl': -2.2,
  'Mg O': -3.0,
  'Mg F F': -3.8,
  'Li Li O': -2.0,
  'Na Na O': -1.4,
  'Mg Cl Cl': -2.2,
};

const elemental = (species: readonly string[], of = ELEMENTS): number =>
  species.reduce((sum, s) => sum + (of[s] as number) / species.length, 0);

/** Two crystals of each compound, the second 0.1 eV/atom above the first; a single one of each element. */
function rows(elements = ELEMENTS): PreparedCrystal[] {
  const one = (species: string[], depth: number, target: number): PreparedCrystal => ({
    lattice: [
      [5, 0, 0],
      [0, 5, 0],
      [0, 0, 5],
    ],
    species,
    frac: species.map((_, i) => [i / 4, 0, 0]),
    energyPerAtom: elemental(species, elements) + depth + target,
    formationEnergyPerAtom: depth + target,
    target,
  });
  return [
    ...Object.entries(DEPTHS).flatMap(([atoms, depth]) => [0, 0.1].map((above) => one(atoms.split(' '), depth, above))),
    ...Object.keys(elements).map((element) => one([element], 0, 0)),
  ];
}

describe('formation energies of training rows', () => {
  it('are what the data say, clipped as the targets are', () => {
    const minima = rows();
    const off = { ...(minima[0] as PreparedCrystal), formationEnergyPerAtom: 40, target: 0.6 };
    const info = { target: 'above-composition' as const, energy: energy('formation') };
    const found = formationTargets(info, minima, [...minima, off]);
    const known = [...minima.map((c) => c.formationEnergyPerAtom as number), -3.2 + 0.6];
    expect(found).toHaveLength(known.length);
    for (const [i, e] of known.entries()) expect(found?.[i]).toBeCloseTo(e, 9);
  });

  it('of total energies are what the best energies of the elements leave over', () => {
    const info = { target: 'above-composition' as const, energy: energy('total') };
    const minima = rows();
    const found = formationTargets(info, minima, minima) as Float64Array;
    // Whatever the elements' energies are: a shift of each is no matter but for the ridge.
    const other = rows({ Li: -7, Na: 2, Mg: -9, F: -3, O: 1, Cl: -12 });
    for (const [i, e] of (formationTargets(info, other, other) as Float64Array).entries())
      expect(e).toBeCloseTo(found[i] as number, 1);
    // Least squares: what is left is, over all rows, uncorrelated with the amount of any element.
    for (const element of Object.keys(ELEMENTS)) {
      const share = minima.map(({ species }) => species.filter((s) => s === element).length / species.length);
      expect(Math.abs(share.reduce((sum, x, i) => sum + x * (found[i] as number), 0))).toBeLessThan(0.02);
    }
    // Within a compound they differ by what the targets do.
    for (let i = 0; i < 2 * Object.keys(DEPTHS).length; i += 2)
      expect((found[i + 1] as number) - (found[i] as number)).toBeCloseTo(0.1, 9);
  });

  it('of held-out rows are beyond the energies of the elements that the training rows tell', () => {
    const info = { target: 'above-composition' as const, energy: energy('total') };
    const all = rows();
    const held = all.slice(0, 2);
    const training = all.slice(2);
    const found = formationTargets(info, training, held, held) as Float64Array;
    const [first] = formationTargets(info, training, [...training, ...held], [...training, ...held])?.slice(-2) ?? [];
    expect(found[0]).toBeCloseTo(first as number, 12);
    expect((found[1] as number) - (found[0] as number)).toBeCloseTo(0.1, 9);
    // Their own energies say nothing of the elements.
    const lower = held.map((c) => ({ ...c, energyPerAtom: (c.energyPerAtom as number) - 1 }));
    expect(formationTargets(info, training, lower, lower)?.[0]).toBeCloseTo((found[0] as number) - 1, 9);
  });

  it('replace the targets of all rows, those off the minima by the minima of their side', () => {
    const info: DatasetInfo = {
      target: 'above-composition',
      energy: energy('formation'),
      provenance: '',
      targetMean: 0,
      targetStd: 1,
      counts: {},
      badRows: [],
    };
    const all = rows();
    const [held, training] = [all.slice(0, 2), all.slice(2)];
    const off = {
      train: [{ ...(training[0] as PreparedCrystal), target: 0.5 }],
      validation: [{ ...(held[0] as PreparedCrystal), target: 0.3 }],
    };
    const found = withFormationTargets({ info, train: training, validation: held }, off);
    const close = (of: readonly PreparedCrystal[], energies: readonly (number | undefined)[]): void => {
      expect(of).toHaveLength(energies.length);
      for (const [i, { target }] of of.entries()) expect(target).toBeCloseTo(energies[i] as number, 9);
    };
    close(
      found.train,
      training.map((c) => c.formationEnergyPerAtom),
    );
    close(
      found.validation,
      held.map((c) => c.formationEnergyPerAtom),
    );
    close(found.off.train, [-2.9 + 0.5]);
    close(found.off.validation, [-3.2 + 0.3]);
    expect(found.info.target).toBe('formation');
    expect(() => withFormationTargets({ ...found, train: found.train, validation: found.validation }, off)).toThrow(
      'which is what the data are prepared with',
    );
  });

  it('are none beside targets that are formation energies themselves', () => {
    expect(formationTargets({ target: 'formation', energy: energy('formation') }, rows(), rows())).toBeUndefined();
  });
});
