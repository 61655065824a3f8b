import type { Rng } from '../../../lib/random/rng.js';
import { Parameters } from '../../../lib/tensor/parameters.js';
import { readSafetensors, writeSafetensors } from '../../../lib/tensor/safetensors.js';
import { LcomsError } from '../../../schemas/errors.js';
import type { LatticeScale } from './lattice-target.js';
import { CdvaeModel } from './model.js';
import { CdvaeNetworks } from './networks.js';
import { type CdvaeOptions, cdvaeOptionsSchema } from './options.js';
import type { Preset } from './presets.js';

/** The blob that holds a trained model. */
export const MODEL_BLOB = 'cdvae.safetensors';

/** All weights as safetensors; options and the lattice's standardisation in its metadata. */
export function writeModel(parameters: Parameters, options: CdvaeOptions, scale: LatticeScale): Uint8Array {
  return writeSafetensors(parameters.save(), { options: JSON.stringify(options), latticeScale: JSON.stringify(scale) });
}

/**
 * @param options how to decode and reduce: settings that shape the networks come from the file
 * @throws LcomsError LCOMS_E_ARTIFACT_CORRUPT when the bytes are not such a file, LCOMS_E_CHECKPOINT_INCOMPATIBLE when
 *   another preset or version made it
 */
export function readModel(bytes: Uint8Array, options: CdvaeOptions, rng: Rng, signal: AbortSignal): CdvaeModel {
  const { tensors, metadata } = readSafetensors(bytes);
  checkOrigin(metadata, 'small', SMALL_FORMAT);
  const { trained, scale } = readMetadata(metadata);
  const { noiseLevels, langevinSteps, langevinStepSize } = options;
  const used = { ...trained, noiseLevels, langevinSteps, langevinStepSize };
  const parameters = new Parameters(rng.fork('weights'));
  const networks = new CdvaeNetworks(parameters, used);
  try {
    parameters.load(tensors);
  } catch (error) {
    parameters.dispose();
    throw error;
  }
  return new CdvaeModel(parameters, networks, used, scale, rng, signal);
}

/** Format of the small preset's file, which does not say it. */
const SMALL_FORMAT = '1';

/** @throws LcomsError LCOMS_E_CHECKPOINT_INCOMPATIBLE when another preset, or another version of its format, made the file */
export function checkOrigin(metadata: Record<string, string>, preset: Preset, format: string): void {
  const { preset: made } = parseJson(metadata['options']) as { preset?: unknown };
  const version = metadata['format'] ?? SMALL_FORMAT;
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

function readMetadata(metadata: Record<string, string>): { trained: CdvaeOptions; scale: LatticeScale } {
  try {
    return {
      trained: cdvaeOptionsSchema.parse(JSON.parse(metadata['options'] ?? 'null')),
      scale: JSON.parse(metadata['latticeScale'] as string) as LatticeScale,
    };
  } catch (cause) {
    throw new LcomsError('LCOMS_E_ARTIFACT_CORRUPT', `${MODEL_BLOB} does not say how it was made: ${String(cause)}`, {
      cause,
    });
  }
}
