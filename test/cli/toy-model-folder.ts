import path from 'node:path';
import { modelFile, writeReference } from '../../lib/model/model-files.js';
import { writeModelFolder } from '../../lib/model/model-folder.js';
import { initBackend } from '../../lib/tensor/backend.js';
import type { Trained } from '../../plugins/contract/encoder.js';
import { cdvae } from '../../plugins/encoders/cdvae/index.js';
import { com } from '../../plugins/surrogates/com/index.js';
import { testContext } from '../../plugins/testing/test-context.js';
import { toyCrystals, toyEncoderData } from '../../plugins/testing/toy-inputs.js';

const ENCODER = {
  latentDimension: 8,
  width: 8,
  messageWidth: 8,
  hiddenWidth: 8,
  encoderBlocks: 1,
  decoderBlocks: 1,
  radialFunctions: 4,
  neighbours: 8,
  noiseLevels: 4,
  langevinSteps: 1,
  epochs: 3,
};

/** A model that was trained for a second on twelve crystals of two atoms: real in form, not in what it knows. */
export async function toyModelFolder(parent: string): Promise<string> {
  const folder = path.join(parent, 'toy-model');
  const { identity, threads } = await initBackend();
  const context = () => testContext({ device: { backend: identity, threads } });
  const encoderOptions = cdvae.options.parse(ENCODER);
  const surrogateOptions = com.options.parse({ epochs: 3, width: 16 });
  const data = toyEncoderData();

  const encoder = await cdvae.create(encoderOptions, context());
  const trained = await encoder.train(data);
  const model = await encoder.load(blobsOf(trained));
  const latents = { train: await model.encode(data.train), validation: await model.encode(data.validation) };
  model.dispose();
  const surrogate = await com.create(surrogateOptions, context());
  const energies = await surrogate.train({ dimension: 8, ...latents, targets: data.targets });

  const reference = writeReference(latents.train, 8, 0);
  const files = [
    ...trained.blobs.map(({ name, bytes }) => ({ file: modelFile(name, 'encoder', bytes), bytes })),
    ...energies.blobs.map(({ name, bytes }) => ({ file: modelFile(name, 'surrogate', bytes), bytes })),
    { file: modelFile('reference.safetensors', 'reference', reference), bytes: reference },
  ];
  const info = {
    apiVersion: 1 as const,
    name: 'toy',
    encoder: { use: `encoder/cdvae@${cdvae.version}`, with: encoderOptions as Record<string, unknown> },
    surrogate: { use: `surrogate/com@${com.version}`, with: surrogateOptions as Record<string, unknown> },
    energyTarget: 'formation' as const,
    data: { provenance: 'made up', scorer: null, crystals: data.train.length },
    trained: { elements: [...new Set(toyCrystals().flatMap((c) => c.species))].sort(), atoms: [2] },
    seed: 0,
    backend: identity,
    lcoms: null,
    files: files.map(({ file }) => file),
  };
  await writeModelFolder(folder, { info, bytes: new Map(files.map(({ file, bytes }) => [file.name, bytes])) }, true);
  return folder;
}

const blobsOf = ({ blobs }: Trained): Map<string, Uint8Array> => new Map(blobs.map((b) => [b.name, b.bytes]));
