import { Parameters } from '../../../../lib/tensor/parameters.js';
import { type NamedTensors, readSafetensors, writeSafetensors } from '../../../../lib/tensor/safetensors.js';
import { LcomsError } from '../../../../schemas/errors.js';
import type { PluginContext } from '../../../contract/context.js';
import type { LatticeScale } from '../lattice-target.js';
import { checkOrigin, MODEL_BLOB } from '../model-file.js';
import type { Seen } from '../seen.js';
import { PaperModel } from './model.js';
import { PaperNetworks } from './networks.js';
import { type PaperOptions, paperOptionsSchema } from './options.js';

/** Raise it when the networks change so that older weights mean something else. */
const PAPER_FORMAT = 'paper-1';

/** All weights as safetensors; format, options, the lattice's standardisation and what was seen in its metadata. */
export function writePaperModel(
  weights: NamedTensors,
  options: PaperOptions,
  scale: LatticeScale,
  seen: Seen,
): Uint8Array {
  return writeSafetensors(weights, {
    format: PAPER_FORMAT,
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
export function readPaperModel(
  bytes: Uint8Array,
  options: PaperOptions,
  context: Pick<PluginContext, 'rng' | 'signal' | 'log' | 'tick'>,
): PaperModel {
  const { tensors, metadata } = readSafetensors(bytes);
  checkOrigin(metadata, options.preset, PAPER_FORMAT);
  const { trained, scale, seen } = readMetadata(metadata);
  const { sampler, noiseLevels, langevinSteps, langevinStep, fastLevels, fastSteps, fastStepSize } = options;
  const decoding = { sampler, noiseLevels, langevinSteps, langevinStep, fastLevels, fastSteps, fastStepSize };
  const used = { ...trained, ...decoding };
  const rng = context.rng.fork('weights');
  const parameters = new Parameters(rng);
  const networks = new PaperNetworks(parameters, rng, used);
  try {
    parameters.load(tensors);
  } catch (error) {
    parameters.dispose();
    throw error;
  }
  return new PaperModel({ parameters, networks, options: used, scale, seen }, context);
}

function readMetadata(metadata: Record<string, string>): { trained: PaperOptions; scale: LatticeScale; seen: Seen } {
  try {
    return {
      trained: paperOptionsSchema.parse(JSON.parse(metadata['options'] ?? 'null')),
      scale: JSON.parse(metadata['latticeScale'] as string) as LatticeScale,
      seen: JSON.parse(metadata['seen'] as string) as Seen,
    };
  } catch (cause) {
    throw new LcomsError('LCOMS_E_ARTIFACT_CORRUPT', `${MODEL_BLOB} does not say how it was made: ${String(cause)}`, {
      cause,
    });
  }
}
