import type { SearchModel } from '../../../activities/predict/search.js';
import { volume } from '../../../lib/crystal/lattice.js';
import { Rng } from '../../../lib/random/rng.js';
import { randomCrystal } from '../../../lib/relax/random-start.js';
import type { EncoderModel } from '../../../plugins/contract/encoder.js';
import type { SurrogateModel } from '../../../plugins/contract/surrogate.js';
import type { Vec3 } from '../../../schemas/crystal.js';

/** Latent: volume per atom (A^3) and number of atoms; a random crystal of that volume comes back. */
export function toyEncoder(seed: string): EncoderModel {
  const rng = Rng.from(seed);
  let decoded = 0;
  return {
    dimension: 2,
    encode: async (crystals) =>
      Float32Array.from(crystals.flatMap((c) => [volume(c.lattice) / c.species.length, c.species.length])),
    decode: async (latents, species) =>
      species.map((elements, i) => {
        const crystal = randomCrystal(elements, rng.fork(decoded++));
        const wanted = Math.max(6, latents[2 * i] as number) * elements.length;
        const scale = Math.cbrt(wanted / volume(crystal.lattice));
        const [a, b, c] = crystal.lattice.map((row) => row.map((x) => x * scale) as Vec3) as [Vec3, Vec3, Vec3];
        return { ...crystal, lattice: [a, b, c] };
      }),
    dispose: () => undefined,
  };
}

/** Lowest at 10 A^3/atom. */
export const toySurrogate: SurrogateModel = {
  dimension: 2,
  scale: { latentMean: Float32Array.of(14, 4), latentStd: Float32Array.of(4, 2), energyMean: 0, energyStd: 1 },
  energies: async (z) => Float32Array.from({ length: z.length / 2 }, (_, i) => ((z[2 * i] as number) + 1) ** 2 / 2),
  gradients: async (z) => ({
    energies: await toySurrogate.energies(z),
    gradients: z.map((x, at) => (at % 2 === 0 ? x + 1 : 0)),
  }),
  dispose: () => undefined,
};

/** 32 training latents between 8 and 20 A^3/atom, cells of 2 to 8 atoms. */
export const toyReference = Float32Array.from({ length: 64 }, (_, at) =>
  at % 2 === 0 ? 8 + (12 * (at / 2)) / 31 : 2 + (((at - 1) / 2) % 7),
);

export const toyModel = (seed: string): SearchModel => ({
  encoder: toyEncoder(seed),
  surrogate: toySurrogate,
  reference: toyReference,
});
