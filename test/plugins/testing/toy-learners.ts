import { z } from 'zod';
import { volume } from '../../../lib/crystal/lattice.js';
import { definePlugin, type Plugin } from '../../../plugins/contract/define-plugin.js';
import type { EncoderModel } from '../../../plugins/contract/encoder.js';
import type { SurrogateModel } from '../../../plugins/contract/surrogate.js';
import type { Crystal, Mat3, Vec3 } from '../../../schemas/crystal.js';
import { LcomsError } from '../../../schemas/errors.js';
import { type Faults, toyTrain } from './toy-training.js';

const COMMON = {
  apiVersion: 1 as const,
  version: '1.0.0',
  cacheVersion: 1,
  summary: 'toy',
  cite: [],
  capabilities: {},
};

let loads = 0;

/** A surrogate that predicts a bowl. */
export function toySurrogate(faults: Faults): Plugin {
  return definePlugin({
    ...COMMON,
    kind: 'surrogate',
    name: 'toy',
    options: z.strictObject({}),
    create: (_options, context) => ({
      train: (data) => toyTrain(context, data.train, faults),
      load: async (blobs) => {
        if (faults.has('cannot load')) throw new Error('no');
        if (faults.has('writes to its blobs')) blobs.get('weight')?.fill(0);
        const shift = faults.has('loads differently') ? ++loads : 0;
        return bowl(faults, shift);
      },
    }),
  });
}

function bowl(faults: Faults, shift: number): SurrogateModel {
  const d = 6;
  const energies = async (at: Float32Array) =>
    Float32Array.from({ length: at.length / d }, (_, i) =>
      at
        .subarray(i * d, (i + 1) * d)
        .reduce((sum, x) => sum + (x * x) / 2, shift + (faults.has('mixes rows') ? at.length : 0)),
    );
  return {
    dimension: d,
    scale: { latentMean: new Float32Array(d), latentStd: new Float32Array(d).fill(1), energyMean: 0, energyStd: 1 },
    energies,
    gradients: async (at) => {
      const factor = faults.has('averages its gradients') ? d / at.length : faults.has('has wrong gradients') ? -1 : 1;
      const found = await energies(at);
      if (faults.has('predicts NaN')) found[1] = Number.NaN;
      return { energies: found, gradients: at.map((x) => x * factor) };
    },
    forComposition: (unit) => {
      if ('Og' in unit && !faults.has('answers for anything')) {
        throw new LcomsError('LCOMS_E_ELEMENT_UNKNOWN', 'no Og');
      }
      const atoms = Object.values(unit).reduce((sum, n) => sum + n, 0);
      return bowl(faults, shift + (faults.has('counts atoms') ? atoms : 0));
    },
    dispose: () => undefined,
  };
}

/** An encoder to (volume per atom, number of atoms), and a decoder to cubes with random coordinates. */
export function toyEncoder(faults: Faults): Plugin {
  return definePlugin({
    ...COMMON,
    kind: 'encoder',
    name: 'toy',
    options: z.strictObject({}),
    create: (_options, context) => ({
      train: (data) => toyTrain(context, data.train, faults),
      load: async (): Promise<EncoderModel> => ({
        dimension: 2,
        encode: async (crystals) => Float32Array.from(crystals.flatMap((crystal) => latent(crystal, faults))),
        decode: async (_latents, species) =>
          species.map((elements, i): Crystal => {
            const rng = context.rng.fork(`decode-${i}-${faults.has('decodes by chance') ? ++loads : 0}`);
            const a = faults.has('decodes flat cells') ? 0 : 5;
            const lattice: Mat3 = [
              [5, 0, 0],
              [0, 5, 0],
              [0, 0, a],
            ];
            const kept = faults.has('decodes other species') ? elements.map(() => 'H') : elements;
            return {
              lattice,
              species: [...kept],
              frac: kept.map((): Vec3 => [rng.uniform(), rng.uniform(), rng.uniform()]),
            };
          }),
        dispose: () => undefined,
      }),
    }),
  });
}

function latent({ lattice, species, frac }: Crystal, faults: Faults): number[] {
  if (faults.has('encodes NaN')) return [Number.NaN, 0];
  if (faults.has('encodes too little')) return [1];
  const origin = faults.has('sees the origin') ? (frac[0] as Vec3)[0] : 0;
  const first = faults.has('sees the order') && species[0] === 'Mg' ? 10 : 0;
  const turned = faults.has('sees the orientation') ? lattice[0][2] : 0;
  return [volume(lattice) / species.length + 100 * origin, species.length + first + 10 * turned];
}
