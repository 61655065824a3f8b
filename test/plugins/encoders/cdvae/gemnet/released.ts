import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { Rng } from '../../../../../lib/random/rng.js';
import { Parameters } from '../../../../../lib/tensor/parameters.js';
import { tf } from '../../../../../lib/tensor/tf.js';
import { batchOfMoving, type GemNetBatch } from '../../../../../plugins/encoders/cdvae/gemnet/batch.js';
import { GemNetT } from '../../../../../plugins/encoders/cdvae/gemnet/network.js';
import { type GemNetOptions, gemnetOptionsSchema } from '../../../../../plugins/encoders/cdvae/gemnet/options.js';
import type { Crystal } from '../../../../../schemas/crystal.js';

export interface ReleasedCase {
  options: GemNetOptions;
  /** Edges of each crystal. */
  edges: number[];
  /** Three numbers an atom. */
  vectors: number[];
}

/** What mattergen's GemNet-T gives: see test/fixtures/make/gemnet_torch.py. */
export interface Released {
  crystals: Crystal[];
  full: ReleasedCase;
  /** With gradients of sum(vectors x cotangent); of the species embedding the rows of `species` alone. */
  narrow: ReleasedCase & { species: number[]; gradients: Record<string, number[]> };
}

export function released(): Released {
  const file = new URL('../../../../fixtures/encoders/gemnet/gemnet.json.gz', import.meta.url);
  return JSON.parse(gunzipSync(readFileSync(file)).toString()) as Released;
}

/** Numbers in [-1, 1) that the Python script makes too: FNV-1a of the name, MurmurHash3's finalizer with the position. */
export function hashed(name: string, size: number): Float64Array {
  let seed = 0x811c9dc5;
  for (const byte of Buffer.from(name)) seed = Math.imul(seed ^ byte, 0x01000193);
  return Float64Array.from({ length: size }, (_, i) => {
    let h = (Math.imul(i + 1, 0x9e3779b1) + seed) | 0;
    h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
    h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
    return ((h ^ (h >>> 16)) >>> 0) / 2 ** 31 - 1;
  });
}

function weights(name: string, inputs: number, outputs: number): Float32Array {
  const isSpecies = name === 'species.weight';
  const limit = isSpecies ? Math.sqrt(3) : Math.sqrt(1.5 / inputs);
  const values = hashed(name, inputs * outputs).map((v) => v * limit);
  if (!isSpecies && inputs > 1)
    for (let o = 0; o < outputs; o++) {
      let mean = 0;
      for (let i = 0; i < inputs; i++) mean += (values[i * outputs + o] as number) / inputs;
      for (let i = 0; i < inputs; i++) values[i * outputs + o] = (values[i * outputs + o] as number) - mean;
    }
  return Float32Array.from(values);
}

const PREFIX = 'decoder.';

/** The network with the weights of the Python script. */
export function hashedNetwork(options: GemNetOptions): { parameters: Parameters; network: GemNetT } {
  const rng = Rng.from('replaced');
  const parameters = new Parameters(rng);
  const network = new GemNetT(parameters, rng, gemnetOptionsSchema.parse(options));
  for (const [name, variable] of parameters.entries()) {
    const inputs = variable.rank === 1 ? 1 : (variable.shape[0] as number);
    const values = weights(name.slice(PREFIX.length), inputs, variable.size / inputs);
    tf.tidy(() => variable.assign(tf.tensor(values, variable.shape)));
  }
  return { parameters, network };
}

export function batchOf(crystals: readonly Crystal[], options: GemNetOptions): GemNetBatch {
  const moving = crystals.map((crystal) => ({ ...crystal, frac: Float64Array.from(crystal.frac.flat()) }));
  return batchOfMoving(moving, options);
}

export function hashedLatents(crystals: number, options: GemNetOptions): tf.Tensor2D {
  const size = options.latentDimension;
  return tf.tensor2d(Float32Array.from(hashed('latents', crystals * size)), [crystals, size]);
}
