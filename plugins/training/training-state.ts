import { canonicalJson } from '../../lib/hashing/canonical-json.js';
import type { Adam } from '../../lib/tensor/adam.js';
import type { Parameters } from '../../lib/tensor/parameters.js';
import { type NamedTensors, readSafetensors, writeSafetensors } from '../../lib/tensor/safetensors.js';
import { LcomsError } from '../../schemas/errors.js';
import type { NamedBytes, PluginContext, SavedCheckpoint } from '../contract/context.js';

const BLOB = 'training.safetensors';
const WEIGHT = 'weight:';
const SLOT = 'adam:';
const BEST = 'best:';

/** A store may give the members of objects back in another order. */
const text = (value: unknown): string | undefined => (value === undefined ? undefined : canonicalJson(value));

/** Metrics in the order of their names, which a store may change: resumed training ends with the same text. */
export const byName = (metrics: Record<string, number>): Record<string, number> =>
  Object.fromEntries(Object.entries(metrics).sort(([a], [b]) => (a < b ? -1 : 1)));

/**
 * Where training stands. Every draw comes from a stream that the epoch and batch name, so these numbers and the node's
 * seed are the whole state of the random numbers.
 */
export interface TrainingPosition {
  /** Batches done since the start. */
  step: number;
  /** Sums over the crystals of the unfinished epoch, in the trainer's order of loss terms, and their number. */
  sums: number[];
  crystals: number;
  /** Newest metrics of whole epochs and of validation. */
  metrics: Record<string, number>;
  /** The learning curve so far: what each epoch reported. */
  history: ({ step: number; epoch: number } & Record<string, number>)[];
}

/** The blob that holds the learning curve. */
export const HISTORY_BLOB = 'history.jsonl';

/** The learning curve as JSON lines, one an epoch; validation where it was looked at. */
export const historyBlob = ({ history }: TrainingPosition): NamedBytes => ({
  name: HISTORY_BLOB,
  // In the order of names: a store may give members back in another one.
  bytes: Buffer.from(history.map((row) => `${canonicalJson(row)}\n`).join('')),
});

/**
 * Weights, Adam's slots and the position as one committed checkpoint.
 * @param best weights that were better than the newest, where training keeps them
 */
export async function saveTraining(
  context: PluginContext,
  parameters: Parameters,
  adam: Adam,
  position: TrainingPosition,
  options: object,
  best: NamedTensors = {},
): Promise<void> {
  const tensors: NamedTensors = {};
  for (const [name, tensor] of Object.entries(parameters.save())) tensors[WEIGHT + name] = tensor;
  for (const [name, tensor] of Object.entries(adam.state())) tensors[SLOT + name] = tensor;
  for (const [name, tensor] of Object.entries(best)) tensors[BEST + name] = tensor;
  const info = { ...position, options, rng: context.rng.state() };
  await context.checkpoint.save(position.step, [{ name: BLOB, bytes: writeSafetensors(tensors) }], info);
}

/**
 * Sets weights and slots to the checkpoint's; gives back its position and best weights ({} where it has none).
 *
 * @param growing options that may be larger now than they were then
 * @throws LcomsError LCOMS_E_CHECKPOINT_INCOMPATIBLE when it was made with other options or another seed
 */
export async function resumeTraining<P extends TrainingPosition>(
  saved: SavedCheckpoint,
  parameters: Parameters,
  adam: Adam,
  options: object,
  context: PluginContext,
  growing: readonly string[] = [],
): Promise<{ position: P; best: NamedTensors }> {
  const {
    options: before,
    rng,
    ...position
  } = structuredClone(saved.info) as unknown as P & { options: Record<string, unknown>; rng: unknown };
  const now = { ...options } as Record<string, unknown>;
  const differences = [...new Set([...Object.keys(now), ...Object.keys(before)])]
    .map((key) => ({ key, old: text(before[key]), young: text(now[key]) }))
    .filter(({ old, young }) => old !== young)
    .filter(({ key }) => !growing.includes(key) || Number(now[key]) < Number(before[key]))
    .map(({ key, old, young }) => `${key}: ${old ?? 'absent'} then, ${young ?? 'absent'} now`);
  if (text(rng) !== text(context.rng.state())) differences.push('the seed is another one');
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
  return { position: position as unknown as P, best: part(BEST) };
}
