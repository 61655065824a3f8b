import type { EncoderModel } from '../../plugins/contract/encoder.js';
import type { SurrogateModel } from '../../plugins/contract/surrogate.js';
import { LcomsError } from '../../schemas/errors.js';
import type { LockedPlugin } from '../../schemas/node.js';
import type { StepContext } from './context.js';

/** The trained encoder of input `name`. Never shared between nodes: decoding draws from the node's own stream. */
export async function loadEncoder(context: StepContext, name: string): Promise<EncoderModel> {
  const manifest = context.input(name);
  const encoder = await context.create('encoder', context.node.plugin);
  return await encoder.load(await context.blobs(manifest));
}

/** The trained surrogate of input `name`, kept by the process: it has no randomness. */
export async function loadSurrogate(context: StepContext, name: string): Promise<SurrogateModel> {
  const manifest = context.input(name);
  const locked: LockedPlugin | undefined = context.node.helpers.surrogate;
  if (!locked) throw new LcomsError('LCOMS_E_INTERNAL', `node ${context.node.id} has no surrogate plugin`);
  return await context.loaded(`surrogate:${manifest.artifact.digest}`, async () => {
    const surrogate = await context.create('surrogate', locked);
    return await surrogate.load(await context.blobs(manifest));
  });
}
