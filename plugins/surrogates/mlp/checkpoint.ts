import { canonicalJson } from '../../../lib/hashing/canonical-json.js';
import { type NamedTensors, readSafetensors, writeSafetensors } from '../../../lib/tensor/safetensors.js';
import { LcomsError } from '../../../schemas/errors.js';
import type { Checkpoints } from '../../contract/context.js';
import type { EpochMetrics } from './history.js';

const BLOB = 'training.safetensors';

/** Where training stands, but for its tensors. All numbers survive JSON exactly. */
export interface Position {
  epoch: number;
  /** Batches of the epoch that are done. */
  batch: number;
  /** Sums over the rows of the epoch so far. */
  sums: { squares: number; over: number; rows: number; formation?: number };
  /** The epoch of least validation error so far and its mean squared error. */
  best: { epoch: number; mse: number } | null;
  /** What each finished epoch reported. */
  history: EpochMetrics[];
  /** State of the penalty; empty without one. */
  penalty: Record<string, number>;
}

export interface TrainingTensors {
  weights: NamedTensors;
  adam: NamedTensors;
  /** Weights of the best epoch; null while there is none to keep. */
  best: NamedTensors | null;
}

/** What must be equal for training to go on from a checkpoint. */
export type TrainingIdentity = Record<string, unknown>;

export async function saveCheckpoint(
  store: Checkpoints,
  step: number,
  identity: TrainingIdentity,
  position: Position,
  { weights, adam, best }: TrainingTensors,
): Promise<void> {
  const tensors = { ...prefixed('weights', weights), ...prefixed('adam', adam), ...prefixed('best', best ?? {}) };
  await store.save(step, [{ name: BLOB, bytes: writeSafetensors(tensors) }], { identity, position });
}

/**
 * The newest checkpoint, or null.
 * @param epochs of the whole training; the checkpoint may be of one with fewer
 * @throws LcomsError LCOMS_E_CHECKPOINT_INCOMPATIBLE, with every difference, when it is of another training.
 */
export async function loadCheckpoint(
  store: Checkpoints,
  identity: TrainingIdentity,
  epochs: number,
): Promise<{ position: Position; tensors: TrainingTensors } | null> {
  const saved = await store.latest();
  if (saved === null) return null;
  const info = saved.info as { identity?: TrainingIdentity; position?: Position };
  // Earlier versions told the number of epochs too.
  const { epochs: _, ...found } = info.identity ?? {};
  const differences = differ(found, identity);
  if ((info.position?.epoch ?? 0) > epochs)
    differences.push(`it has ${info.position?.epoch} epochs, of ${epochs} wanted`);
  if (info.position === undefined || differences.length > 0) {
    const why = differences.join('; ') || 'it has no position';
    throw new LcomsError('LCOMS_E_CHECKPOINT_INCOMPATIBLE', `the checkpoint is of another training: ${why}`);
  }
  const { tensors } = readSafetensors(await saved.load(BLOB), BLOB);
  const best = withPrefix('best', tensors);
  return {
    position: info.position,
    tensors: {
      weights: withPrefix('weights', tensors),
      adam: withPrefix('adam', tensors),
      best: Object.keys(best).length > 0 ? best : null,
    },
  };
}

function differ(found: TrainingIdentity, wanted: TrainingIdentity): string[] {
  const names = [...new Set([...Object.keys(found), ...Object.keys(wanted)])].sort();
  return names
    .filter((name) => canonicalJson(found[name] ?? null) !== canonicalJson(wanted[name] ?? null))
    .map((name) => `${name} was ${JSON.stringify(found[name])}, now ${JSON.stringify(wanted[name])}`);
}

function prefixed(prefix: string, tensors: NamedTensors): NamedTensors {
  return Object.fromEntries(Object.entries(tensors).map(([name, tensor]) => [`${prefix}/${name}`, tensor]));
}

function withPrefix(prefix: string, tensors: NamedTensors): NamedTensors {
  return Object.fromEntries(
    Object.entries(tensors).flatMap(([name, tensor]) =>
      name.startsWith(`${prefix}/`) ? [[name.slice(prefix.length + 1), tensor]] : [],
    ),
  );
}
