import type { StructureTrainingData } from '../../../../plugins/contract/surrogate.js';
import { toyCrystals } from '../../../../plugins/testing/index.js';
import type { Crystal, Mat3 } from '../../../../schemas/crystal.js';

/**
 * Crystals of two atoms at nine volumes each, with energies of a parabola around their own: a function of composition and
 * distances. Every fifth is for validation.
 */
export function stretchedCrystals(): StructureTrainingData {
  const rows = toyCrystals().flatMap((crystal, kind) =>
    Array.from({ length: 9 }, (_, k) => {
      const stretch = 0.88 + 0.03 * k;
      const lattice = crystal.lattice.map((v) => v.map((x) => stretch * x)) as Mat3;
      return { crystal: { ...crystal, lattice }, energy: 12 * (stretch - 1) ** 2 - 0.2 * (kind >> 1) };
    }),
  );
  const split = (keep: (i: number) => boolean) => rows.filter((_, i) => keep(i));
  const [train, validation] = [split((i) => i % 5 !== 2), split((i) => i % 5 === 2)];
  const named = (part: typeof rows): Crystal[] => part.map(({ crystal }, i) => ({ ...crystal, id: `stretched-${i}` }));
  const energies = (part: typeof rows) => Float64Array.from(part, ({ energy }) => energy);
  return {
    train: named(train),
    validation: named(validation),
    targets: { train: energies(train), validation: energies(validation) },
  };
}
