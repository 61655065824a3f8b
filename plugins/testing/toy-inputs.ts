import { volume } from '../../lib/crystal/lattice.js';
import { Rng } from '../../lib/random/rng.js';
import { StructureSpace } from '../../lib/search/structure-space.js';
import type { Composition, Crystal, Mat3, Vec3 } from '../../schemas/crystal.js';
import type { EncoderTrainingData } from '../contract/encoder.js';
import type { SearchSpace, Structures } from '../contract/optimizer.js';
import type { SurrogateTrainingData } from '../contract/surrogate.js';

/** Element pairs and rocksalt-like cube edges, A. */
const PAIRS: readonly [string, string, number][] = [
  ['Li', 'F', 4.1],
  ['Na', 'Cl', 5.7],
  ['Mg', 'O', 4.3],
  ['Ca', 'O', 4.9],
  ['Zn', 'S', 5.4],
  ['K', 'Br', 6.7],
];

/** Twelve crystals of two atoms, a little off their rocksalt or zincblende sites so that forces are not zero. */
export function toyCrystals(): Crystal[] {
  const rng = Rng.from('toy-crystals');
  return PAIRS.flatMap(([cation, anion, a]) =>
    [0.5, 0.25].map((site): Crystal => {
      const off = () => site + 0.02 * (rng.uniform() - 0.5);
      const h = (a / 2) * (0.98 + 0.04 * rng.uniform());
      const lattice: Mat3 = [
        [0, h, h],
        [h, 0, h],
        [h, h, 0],
      ];
      const frac: Vec3[] = [
        [0, 0, 0],
        [off(), off(), off()],
      ];
      return { lattice, species: [cation, anion], frac };
    }),
  );
}

/** The toy crystals, the last three for validation, with targets that follow from their cells. */
export function toyEncoderData(crystals: Crystal[] = toyCrystals()): EncoderTrainingData {
  const validation = Math.max(1, Math.floor(crystals.length / 4));
  const targets = Float64Array.from(crystals, ({ lattice, species }) => Math.sin(lattice[0][1] + species.length));
  const cut = crystals.length - validation;
  return {
    train: crystals.slice(0, cut),
    validation: crystals.slice(cut),
    targets: { train: targets.slice(0, cut), validation: targets.slice(cut) },
  };
}

/** 48 latents of 6 numbers and 16 for validation; energies of a bowl, eV/atom; rows of all compositions of PAIRS in turn. */
export function toySurrogateData(): SurrogateTrainingData {
  const rng = Rng.from('toy-latents');
  const rows = (n: number) => {
    const latents = Float32Array.from({ length: n * 6 }, (_, at) => (at % 6) + rng.normal());
    const energies = Float64Array.from({ length: n }, (_, i) =>
      latents.subarray(i * 6, i * 6 + 6).reduce((sum, x, j) => sum + (x - j) ** 2 / 6, -3),
    );
    const compositions = Array.from(energies, (_, i): Composition => {
      const [cation, anion] = PAIRS[i % PAIRS.length] as (typeof PAIRS)[number];
      return { [cation]: 1, [anion]: 1 };
    });
    return { latents, energies, compositions };
  };
  const [train, validation] = [rows(48), rows(16)];
  return {
    dimension: 6,
    train: train.latents,
    validation: validation.latents,
    targets: { train: train.energies, validation: validation.energies },
    compositions: { train: train.compositions, validation: validation.compositions },
    formation: train.energies.map((e) => e - 3),
  };
}

/** A box of 4 dimensions with 32 reference points; for `structure` the structures of four atoms of rock salt. */
export function toySpace(kind: SearchSpace['kind']): SearchSpace {
  if (kind === 'structure') return toyStructures();
  const rng = Rng.from('toy-space');
  return {
    kind,
    dimension: 4,
    lower: Float64Array.of(-2, -2, -1, -3),
    upper: Float64Array.of(2, 3, 1, 3),
    reference: Float32Array.from({ length: 128 }, () => rng.normal() / 2),
  };
}

function toyStructures(): SearchSpace {
  const space = new StructureSpace(['Na', 'Na', 'Cl', 'Cl']);
  const { dimension, lower, upper, species, volumes } = space;
  const structures: Structures = {
    species: [...species],
    volumes: [...volumes],
    at: (point) => space.at(point),
    refusal: (crystal) => space.refusal(crystal),
  };
  return { kind: 'structure', dimension, lower, upper, reference: new Float32Array(0), structures };
}

/** Three starts inside a toy space. */
export function toyStarts({ kind, lower, upper }: SearchSpace = toySpace('latent')): Float32Array {
  if (kind === 'latent') return Float32Array.of(1, 1, 0.5, 1, -1, 2, -0.5, -2, 0.25, 0, 0, 0.5);
  const rng = Rng.from('toy-starts');
  return Float32Array.from({ length: 3 * lower.length }, (_, at) => {
    const j = at % lower.length;
    return (lower[j] as number) + rng.uniform() * ((upper[j] as number) - (lower[j] as number));
  });
}

/**
 * What the kit's objectives see of crystals that a search asks for: four numbers each, the cube root of the volume and the
 * lengths of the base vectors, in units of 4 A from 4 A.
 */
export function toyFeatures(crystals: readonly Crystal[]): Float32Array {
  return Float32Array.from(
    crystals.flatMap(({ lattice }) => [Math.cbrt(volume(lattice)), ...lattice.map((row) => Math.hypot(...row))]),
    (x) => x / 4 - 1,
  );
}
