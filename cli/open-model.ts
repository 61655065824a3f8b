import type { ArgsDef } from 'citty';
import { filesOf, readReference } from '../lib/model/model-files.js';
import type { PluginLog } from '../plugins/contract/context.js';
import type { Plugin } from '../plugins/contract/define-plugin.js';
import type { EncoderModel } from '../plugins/contract/encoder.js';
import {
  overStructures,
  type StructureSurrogate,
  type Surrogate,
  type SurrogateModel,
} from '../plugins/contract/surrogate.js';
import { LcomsError } from '../schemas/errors.js';
import type { ModelInfo } from '../schemas/model.js';
import type { PluginKind } from '../schemas/plugin.js';
import { type FoundModel, findModel, SHIPPED_MODEL } from './find-model.js';
import { openRegistry } from './workplace.js';

/** Options of every verb that asks a trained model. */
export const MODEL_OPTIONS = {
  model: {
    type: 'string',
    valueHint: 'WHERE',
    description: `run, folder of \`lcoms model export\`, or cdvae.safetensors (default ${SHIPPED_MODEL}: the one of lcoms)`,
  },
} as const satisfies ArgsDef;

/** How a model is opened. */
export interface OpenModelContext {
  /** Seed of everything that decoding draws. */
  seed: number | string;
  /** Options of the encoder to change, e.g. `{sampler: 'fast'}`: only those of decoding have an effect. */
  with?: Record<string, unknown>;
  /** Aborts encoding and decoding within a second. */
  signal?: AbortSignal;
  /** Where plugins say what is odd; nowhere by default. */
  log?: PluginLog;
}

/** A trained model, ready for use. */
export interface OpenModel {
  /** model.json. */
  info: ModelInfo;
  encoder: EncoderModel;
  surrogate: SurrogateModel | null;
  /** Raw training latents, m x d, row-major; empty when the model has none. */
  reference: Float32Array;
  dispose(): void;
}

/**
 * Opens a model outside of any run.
 * @param where run, folder, file of weights or `shipped`, see {@link findModel}
 * @throws LcomsError what findModel throws; LCOMS_E_PLUGIN_NOT_FOUND when the model needs another version of its plugin,
 *   LCOMS_E_PLUGIN_OPTIONS for options that it does not have
 */
export async function openModel(where: string | undefined, context: OpenModelContext): Promise<OpenModel> {
  return await loadModel(await findModel(where), context);
}

/** As openModel, of files that were found already. */
export async function loadModel(found: FoundModel, context: OpenModelContext): Promise<OpenModel> {
  const { info, source } = found;
  const registry = await openRegistry();
  const { testContext } = await import('../plugins/testing/test-context.js');
  const { initBackend } = await import('../lib/tensor/backend.js');
  const instance = async <K extends PluginKind>(kind: K, given: ModelInfo['encoder'], changed = {}) => {
    // Any version that semver takes for compatible: the plugin itself refuses files whose format it does not read.
    const use = given.use.replace('@', '@^');
    const where = { file: source.place };
    const plugin: Plugin<K> = registry.findKind(kind, use, where);
    const { options } = registry.lock(use, { ...given.with, ...changed }, where);
    const device = plugin.capabilities.tensors ? deviceOf(await initBackend()) : null;
    const { seed, signal, log } = context;
    return await plugin.create(options, testContext({ seed, device, ...(signal && { signal }), ...(log && { log }) }));
  };
  const encoder = await (await instance('encoder', info.encoder, context.with)).load(filesOf(found, 'encoder'));
  const surrogate =
    info.surrogate &&
    (await latentSurrogate(await instance('surrogate', info.surrogate), found).load(filesOf(found, 'surrogate')));
  const reference = readReference(found);
  const dimensions = [encoder.dimension, surrogate?.dimension ?? encoder.dimension];
  if (dimensions[0] !== dimensions[1] || reference.length % encoder.dimension !== 0) {
    throw new LcomsError(
      'LCOMS_E_ARTIFACT_CORRUPT',
      `its parts do not fit: latents of ${dimensions[0]} numbers, a surrogate over ${dimensions[1]}, ${reference.length} reference numbers`,
      { file: source.place },
    );
  }
  const dispose = (): void => {
    encoder.dispose();
    surrogate?.dispose();
  };
  return { info, encoder, surrogate, reference, dispose };
}

function latentSurrogate(surrogate: Surrogate | StructureSurrogate, { source }: FoundModel): Surrogate {
  if (!overStructures(surrogate)) return surrogate;
  throw new LcomsError('LCOMS_E_ARTIFACT_CORRUPT', 'its surrogate predicts from crystals, not from its latents', {
    file: source.place,
  });
}

const deviceOf = ({ identity, threads }: { identity: string; threads: number }) => ({ backend: identity, threads });
