import { latentSpace } from '../../lib/search/latent-space.js';
import type { EncoderModel } from '../../plugins/contract/encoder.js';
import type { SearchSpace } from '../../plugins/contract/optimizer.js';
import {
  overStructures,
  type StructureModel,
  type StructureSurrogate,
  type Surrogate,
  type SurrogateModel,
} from '../../plugins/contract/surrogate.js';
import { LcomsError } from '../../schemas/errors.js';
import type { LockedPlugin } from '../../schemas/node.js';
import type { StepContext } from './context.js';
import { type PreparedDataset, readDataset } from './dataset-artifact.js';
import { matrix, readLatents } from './latents-artifact.js';

/** The trained encoder of input `name`. Never shared between nodes: decoding draws from the node's own stream. */
export async function loadEncoder(context: StepContext, name: string): Promise<EncoderModel> {
  const manifest = context.input(name);
  const encoder = await context.create('encoder', context.node.plugin);
  return await encoder.load(await context.blobs(manifest));
}

/** The prepared data of input `name`, kept by the process: reading them costs more than most of what asks for them. */
export async function loadDataset(context: StepContext, name: string): Promise<PreparedDataset> {
  const manifest = context.input(name);
  const { data } = await context.loaded(`dataset:${manifest.artifact.digest}`, async () => ({
    data: await readDataset(context, manifest),
    dispose: () => undefined,
  }));
  return data;
}

/** The space of the training latents, as the surrogate of input `surrogate` standardises them, kept by the process. */
export async function loadLatentSpace(context: StepContext, { scale }: SurrogateModel): Promise<SearchSpace> {
  const latents = context.input('reference');
  const key = `space:${latents.artifact.digest}:${context.input('surrogate').artifact.digest}`;
  const { space } = await context.loaded(key, async () => ({
    space: latentSpace(matrix(await readLatents(context, latents), 'train'), scale),
    dispose: () => undefined,
  }));
  return space;
}

/** The trained surrogate over latents of input `name`, kept by the process: it has no randomness. */
export async function loadSurrogate(context: StepContext, name: string): Promise<SurrogateModel> {
  return await loadModel(context, name, (surrogate) => {
    if (overStructures(surrogate)) throw wrongInput(context, 'crystals, where one over latents is needed');
    return surrogate;
  });
}

/** The trained surrogate over crystals of input `name`, kept by the process too. */
export async function loadStructureModel(context: StepContext, name: string): Promise<StructureModel> {
  return await loadModel(context, name, (surrogate) => {
    if (!overStructures(surrogate)) throw wrongInput(context, 'latents, where one over crystals is needed');
    return surrogate;
  });
}

async function loadModel<M extends { dispose(): void }>(
  context: StepContext,
  name: string,
  check: (surrogate: Surrogate | StructureSurrogate) => {
    load(blobs: ReadonlyMap<string, Uint8Array>): Promise<M>;
  },
): Promise<M> {
  const manifest = context.input(name);
  const locked: LockedPlugin | undefined = context.node.helpers.surrogate;
  if (!locked) throw new LcomsError('LCOMS_E_INTERNAL', `node ${context.node.id} has no surrogate plugin`);
  return await context.loaded(`surrogate:${manifest.artifact.digest}`, async () => {
    const surrogate = check(await context.create('surrogate', locked));
    return await surrogate.load(await context.blobs(manifest));
  });
}

/** Plans are checked for this (activities/dag/check-surrogates.ts), but for what a plugin says of itself falsely. */
const wrongInput = ({ node }: StepContext, what: string): LcomsError =>
  new LcomsError('LCOMS_E_PLUGIN_INVALID', `${node.helpers.surrogate?.id} predicts from ${what}`);
