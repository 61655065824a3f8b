import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Crystal } from '../../schemas/crystal.js';
import { LcomsError } from '../../schemas/errors.js';
import type { PluginContext } from '../contract/context.js';
import type { EncoderTrainingData } from '../contract/encoder.js';

/** A training crystal as a network reads it, and its standardised energy. */
export interface Row<C> {
  /** The crystal's own id, or its place in the data. */
  id: string;
  crystal: C;
  energy: number;
}

/**
 * Training and validation crystals in their reduced cells. Says how many are left out by `maxAtoms`.
 * @param prepared the crystal in its reduced cell
 */
export async function trainingRows<C extends { n: number }>(
  data: EncoderTrainingData,
  options: { maxCrystals?: number | undefined; maxAtoms: number },
  context: PluginContext,
  prepared: (crystal: Crystal) => C,
): Promise<{ train: Row<C>[]; validation: Row<C>[] }> {
  const chosen = context.rng.fork('subset').shuffle(data.train.map((_, i) => i));
  const positions = chosen.slice(0, options.maxCrystals ?? chosen.length).sort((a, b) => a - b);
  const all = positions.length + data.validation.length;
  let done = 0;
  let left = 0;
  const prepare = async (part: string, at: readonly number[], crystals: readonly Crystal[], targets: Float64Array) => {
    const rows: Row<C>[] = [];
    for (const i of at) {
      const given = crystals[i] as Crystal;
      const id = given.id ?? `${part} ${i}`;
      const crystal = named(id, () => prepared(given));
      if (crystal.n <= options.maxAtoms) rows.push({ id, crystal, energy: targets[i] as number });
      else left += 1;
      done += 1;
      if (done % 64 === 0) {
        context.tick({ done, total: all, unit: 'crystals prepared' });
        await nextTurn();
        context.signal.throwIfAborted();
      }
    }
    return rows;
  };
  const train = await prepare('train', positions, data.train, data.targets.train);
  const validation = await prepare('validation', [...data.validation.keys()], data.validation, data.targets.validation);
  if (left > 0)
    context.log.warn(`training leaves out ${left} crystals of more than ${options.maxAtoms} atoms (maxAtoms)`);
  return { train, validation };
}

/** What `make` gives; its errors name the crystal. */
function named<C>(id: string, make: () => C): C {
  try {
    return make();
  } catch (error) {
    if (!(error instanceof LcomsError)) throw error;
    throw new LcomsError(error.code, `crystal ${id}: ${error.message}`, { cause: error });
  }
}
