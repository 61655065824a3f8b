import { canonicalJson } from '../../../lib/hashing/canonical-json.js';
import type { Adam } from '../../../lib/tensor/adam.js';
import type { Parameters } from '../../../lib/tensor/parameters.js';
import { type NamedTensors, readSafetensors, writeSafetensors } from '../../../lib/tensor/safetensors.js';
import { LcomsError } from '../../../schemas/errors.js';
import type { PluginContext, SavedCheckpoint } from '../../contract/context.js';
import type { CdvaeOptions } from './options.js';

const BLOB = 'training.safetensors';
const WEIGHT = 'weight:';
const SLOT = 'adam:';

/** A store may give the members of objects back in another order. */
const text = (value: unknown): string | undefined => (value === undefined ? undefined : canonicalJson(value));

/**
 * Where training stands. Every draw comes from a stream that the epoch and batch name, so these numbers and the node's
 * seed are the whole state of the random numbers.
 */
export interface TrainingPosition {
  /** Batches done since the start. */
  step: number;
  /** Sums over the crystals of the unfinished epoch, in the order of LOSS_TERMS, and their number. */
  sums: number[];
  crystals: number;
  /** Newest metrics of whole epochs and of validation. */
  metrics: Record<string, number>;
}

/** Weights, Adam's slots and the position as one committed checkpoint. */
export async function saveTraining(
  context: PluginContext,
  parameters: Parameters,
  adam: Adam,
  position: TrainingPosition,
  options: CdvaeOptions,
): Promise<void> {
  const tensors: NamedTensors = {};
  for (const [name, tensor] of Object.entries(parameters.save())) tensors[WEIGHT + name] = tensor;
  for (const [name, tensor] of Object.entries(adam.state())) tensors[SLOT + name] = tensor;
  const info = { ...position, options, rng: context.rng.state() };
  await context.checkpoint.save(position.step, [{ name: BLOB, bytes: writeSafetensors(tensors) }], info);
}

/**
 * Sets weights and slots to the checkpoint's.
 *
 * @throws LcomsError LCOMS_E_CHECKPOINT_INCOMPATIBLE when it was made with other options or another seed
 */
export async function resumeTraining(
  saved: SavedCheckpoint,
  parameters: Parameters,
  adam: Adam,
  options: CdvaeOptions,
  context: PluginContext,
): Promise<TrainingPosition> {
  const info = saved.info as unknown as TrainingPosition & { options: CdvaeOptions; rng: unknown };
  const differences = [...new Set([...Object.keys(options), ...Object.keys(info.options)])]
    .map((key) => ({
      key,
      then: text(info.options[key as keyof CdvaeOptions]),
      now: text(options[key as keyof CdvaeOptions]),
    }))
    .filter(({ then, now }) => then !== now)
    .map(({ key, then, now }) => `${key}: ${then ?? 'absent'} then, ${now ?? 'absent'} now`);
  if (text(info.rng) !== text(context.rng.state())) differences.push('the seed is another one');
  if (differences.length > 0)
    throw new LcomsError(
      'LCOMS_E_CHECKPOINT_INCOMPATIBLE',
      `the checkpoint at step ${saved.step} was made with other settings: ${differences.join('; ')}`,
    );
  const { tensors } = readSafetensors(await saved.load(BLOB));
  const part = (prefix: string): NamedTensors =>
    Object.fromEntries(
      Object.entries(tensors)
        .filter(([name]) => name.startsWith(prefix))
        .map(([name, tensor]) => [name.slice(prefix.length), tensor]),
    );
  parameters.load(part(WEIGHT));
  adam.load(part(SLOT));
  return { step: info.step, sums: [...info.sums], crystals: info.crystals, metrics: { ...info.metrics } };
}
