import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Crystal } from '../../../schemas/crystal.js';
import type { PluginContext } from '../../contract/context.js';
import type { EncoderTrainingData } from '../../contract/encoder.js';
import type { CdvaeOptions } from './options.js';
import { prepareCrystal } from './prepared-crystal.js';
import type { TrainingRow } from './training-batches.js';

/** Training and validation crystals in their reduced cells. Says how many are left out by `maxAtoms`. */
export async function trainingRows(
  data: EncoderTrainingData,
  options: CdvaeOptions,
  context: PluginContext,
): Promise<{ train: TrainingRow[]; validation: TrainingRow[] }> {
  const chosen = context.rng.fork('subset').shuffle(data.train.map((_, i) => i));
  const positions = chosen.slice(0, options.maxCrystals ?? chosen.length).sort((a, b) => a - b);
  const all = positions.length + data.validation.length;
  let done = 0;
  let left = 0;
  const prepare = async (at: readonly number[], crystals: readonly Crystal[], targets: Float64Array) => {
    const rows: TrainingRow[] = [];
    for (const i of at) {
      const crystal = prepareCrystal(crystals[i] as Crystal, options);
      if (crystal.n <= options.maxAtoms) rows.push({ crystal, energy: targets[i] as number });
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
  const train = await prepare(positions, data.train, data.targets.train);
  const validation = await prepare([...data.validation.keys()], data.validation, data.targets.validation);
  if (left > 0)
    context.log.warn(`encoder/cdvae leaves out ${left} crystals of more than ${options.maxAtoms} atoms (maxAtoms)`);
  return { train, validation };
}
