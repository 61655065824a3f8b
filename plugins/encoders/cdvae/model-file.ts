import { Parameters } from '../../../lib/tensor/parameters.js';
import { readSafetensors, writeSafetensors } from '../../../lib/tensor/safetensors.js';
import { LcomsError } from '../../../schemas/errors.js';
import type { PluginContext } from '../../contract/context.js';
import type { LatticeScale } from './lattice-target.js';
import { CdvaeModel } from './model.js';
import { CdvaeNetworks } from './networks.js';
import { type CdvaeOptions, cdvaeOptionsSchema } from './options.js';
import type { Preset } from './presets.js';
import type { Seen } from './seen.js';

/** The blob that holds a trained model. */
export const MODEL_BLOB = 'cdvae.safetensors';

/** Raise it when the light networks change so that older weights mean something else. */
const VECTOR_FORMAT = 'vector-2';
/** Of files that do not say theirs. */
const FIRST_FORMAT = '1';

/** All weights as safetensors; format, options, the lattice's standardisation and what was seen in its metadata. */
export function writeModel(parameters: Parameters, options: CdvaeOptions, scale: LatticeScale, seen: Seen): Uint8Array {
  return writeSafetensors(parameters.save(), {
    format: VECTOR_FORMAT,
    options: JSON.stringify(options),
    latticeScale: JSON.stringify(scale),
    seen: JSON.stringify(seen),
  });
}

/**
 * @param options how to decode (sampler, its steps and levels): all else comes from the file
 * @throws LcomsError LCOMS_E_ARTIFACT_CORRUPT when the bytes are not such a file, LCOMS_E_CHECKPOINT_INCOMPATIBLE when
 *   another preset or version made it
 */
export function readModel(
  bytes: Uint8Array,
  options: CdvaeOptions,
  context: Pick<PluginContext, 'rng' | 'signal' | 'log' | 'tick'>,
): CdvaeModel {
  const { tensors, metadata } = readSafetensors(bytes);
  checkOrigin(metadata, options.preset, VECTOR_FORMAT);
  const { trained, scale, seen } = readMetadata(metadata);
  const { sampler, fastLevels, fastSteps, fastStepSize, langevinLevels, langevinSteps, langevinStepSize } = options;
  const decoding = { sampler, fastLevels, fastSteps, fastStepSize, langevinLevels, langevinSteps, langevinStepSize };
  const used = { ...trained, ...decoding };
  const parameters = new Parameters(context.rng.fork('weights'));
  const networks = new CdvaeNetworks(parameters, used);
  try {
    parameters.load(tensors);
  } catch (error) {
    parameters.dispose();
    throw error;
  }
  return new CdvaeModel({ parameters, networks, options: used, scale, seen }, context);
}

/** @throws LcomsError LCOMS_E_CHECKPOINT_INCOMPATIBLE when another preset, or another version of its format, made the file */
export function checkOrigin(metadata: Record<string, string>, preset: Preset, format: string): void {
  const { preset: made } = parseJson(metadata['options']) as { preset?: unknown };
  const version = metadata['format'] ?? FIRST_FORMAT;
  if (made === undefined || (made === preset && version === format)) return;
  throw new LcomsError(
    'LCOMS_E_CHECKPOINT_INCOMPATIBLE',
    `${MODEL_BLOB} is of preset ${String(made)}, format ${version}; the options ask for preset ${preset}, which reads ` +
      `format ${format}`,
    { hint: 'Set the preset that the model was trained with, or train anew.' },
  );
}

function parseJson(text: string | undefined): object {
  try {
    return (JSON.parse(text ?? '{}') as object | null) ?? {};
  } catch {
    return {};
  }
}

function readMetadata(metadata: Record<string, string>): { trained: CdvaeOptions; scale: LatticeScale; seen: Seen } {
  try {
    return {
      trained: cdvaeOptionsSchema.parse(JSON.parse(metadata['options'] ?? 'null')),
      scale: JSON.parse(metadata['latticeScale'] as string) as LatticeScale,
      seen: JSON.parse(metadata['seen'] as string) as Seen,
    };
  } catch (cause) {
    throw new LcomsError('LCOMS_E_ARTIFACT_CORRUPT', `${MODEL_BLOB} does not say how it was made: ${String(cause)}`, {
      cause,
    });
  }
}
