import { readFileSync } from 'node:fs';
import path from 'node:path';
import { gunzipSync } from 'node:zlib';
import { PACKAGE_ROOT } from '../../../../../lib/package-root.js';
import type { Parameters } from '../../../../../lib/tensor/parameters.js';
import type { NamedTensors } from '../../../../../lib/tensor/safetensors.js';
import { type DimenetOptions, PAPER_DIMENET } from '../../../../../plugins/encoders/cdvae/dimenet/options.js';
import type { Crystal } from '../../../../../schemas/crystal.js';

/** A parameter in PyTorch Geometric, filled from the counter `start` on. */
interface TorchParameter {
  name: string;
  shape: number[];
  start: number;
  scale: number | null;
  gradient?: number[];
}

/** What test/fixtures/make/dimenet_torch.py writes. */
interface Reference {
  crystals: (Crystal & { edges: number; triplets: number; narrow: number[]; paper: number[] })[];
  special: { x: number[]; bessel: number[][]; zeros: number[][]; cosines: number[]; zonal: number[][] };
  lossWeights: number;
  loss: number;
  narrow: TorchParameter[];
  paper: TorchParameter[];
}

const file = path.join(PACKAGE_ROOT, 'test/fixtures/encoders/dimenet/torch.json.gz');
export const reference = JSON.parse(gunzipSync(readFileSync(file)).toString()) as Reference;

/** The narrow network of the script. */
export const NARROW: DimenetOptions = {
  ...PAPER_DIMENET,
  hidden: 12,
  blocks: 2,
  interactionEmbedding: 8,
  basisEmbedding: 4,
  outputEmbedding: 10,
  features: 5,
};

/** Number `i` of the script's sequence, in [-1, 1). */
export function noise(i: number): number {
  let x = Math.imul(i, 0x9e3779b9);
  x = Math.imul(x ^ (x >>> 16), 0x85ebca6b);
  x = Math.imul(x ^ (x >>> 13), 0xc2b2ae35);
  return ((x ^ (x >>> 16)) >>> 0) / 2 ** 31 - 1;
}

const NAMES: [RegExp, string][] = [
  [/^rbf\.freq$/, 'radial.frequencies'],
  [/^emb\.emb/, 'embedding.elements'],
  [/^emb\.lin_rbf/, 'embedding.radial'],
  [/^emb\.lin/, 'embedding.mix'],
  [/^output_blocks\.(\d+)\.lins\.(\d+)/, 'output$1.hidden$2'],
  [/^output_blocks\.(\d+)\.lin_rbf/, 'output$1.radial'],
  [/^output_blocks\.(\d+)\.lin_up/, 'output$1.up'],
  [/^output_blocks\.(\d+)\.lin/, 'output$1.out'],
  [/^interaction_blocks\.(\d+)\.lin_rbf1/, 'interaction$1.radialDown'],
  [/^interaction_blocks\.(\d+)\.lin_rbf2/, 'interaction$1.radialUp'],
  [/^interaction_blocks\.(\d+)\.lin_sbf1/, 'interaction$1.basisDown'],
  [/^interaction_blocks\.(\d+)\.lin_sbf2/, 'interaction$1.basisUp'],
  [/^interaction_blocks\.(\d+)\.lin_kj/, 'interaction$1.incoming'],
  [/^interaction_blocks\.(\d+)\.lin_ji/, 'interaction$1.own'],
  [/^interaction_blocks\.(\d+)\.lin_down/, 'interaction$1.down'],
  [/^interaction_blocks\.(\d+)\.lin_up/, 'interaction$1.up'],
  [/^interaction_blocks\.(\d+)\.layers_(before|after)_skip\.(\d+)\.lin1/, 'interaction$1.$2$3.first'],
  [/^interaction_blocks\.(\d+)\.layers_(before|after)_skip\.(\d+)\.lin2/, 'interaction$1.$2$3.second'],
  [/^interaction_blocks\.(\d+)\.lin/, 'interaction$1.join'],
];

/** Name here of a parameter there. */
function nameOf(torch: string, prefix: string): string {
  const [pattern, replacement] = NAMES.find(([p]) => p.test(torch)) as [RegExp, string];
  return `${prefix}.${torch.replace(pattern, replacement)}`;
}

/** Values in torch's order ([out, in] for a layer) brought to the shape [in, out] used here. */
function arranged(parameter: TorchParameter, values: ArrayLike<number>, wanted: readonly number[]): Float32Array {
  const out = new Float32Array(wanted.reduce((a, b) => a * b, 1));
  const [rows, columns] = parameter.shape as [number, number];
  const isLayer = parameter.shape.length === 2 && !parameter.name.startsWith('emb.emb');
  for (let k = 0; k < values.length; k++)
    out[isLayer ? (k % columns) * rows + Math.floor(k / columns) : k] = values[k] as number;
  return out;
}

/** The weights of the script for all parameters of a network; elements that it lacks stay zero. */
export function referenceWeights(which: 'narrow' | 'paper', parameters: Parameters, prefix: string): NamedTensors {
  const tensors: NamedTensors = {};
  for (const parameter of reference[which]) {
    const name = nameOf(parameter.name, prefix);
    const shape = parameters.get(name).shape;
    const size = parameter.shape.reduce((a, b) => a * b, 1);
    const values = Float64Array.from({ length: size }, (_, k) => {
      const w = noise(parameter.start + k);
      return parameter.scale === null ? Math.PI * (k + 1) * (1 + 0.02 * w) : parameter.scale * w;
    });
    tensors[name] = { shape: [...shape], data: arranged(parameter, values, shape) };
  }
  return tensors;
}

/** Gradients of the narrow network's loss, by name here. */
export function referenceGradients(parameters: Parameters, prefix: string): Map<string, Float32Array> {
  return new Map(
    reference.narrow.map((parameter) => {
      const name = nameOf(parameter.name, prefix);
      return [name, arranged(parameter, parameter.gradient as number[], parameters.get(name).shape)];
    }),
  );
}
