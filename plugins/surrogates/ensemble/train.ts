import type { PluginContext } from '../../contract/context.js';
import type { Trained } from '../../contract/encoder.js';
import type { SurrogateTrainingData } from '../../contract/surrogate.js';
import { fit } from '../mlp/fitted.js';
import { type EpochMetrics, HISTORY_BLOB, historyBlob } from '../mlp/history.js';
import { trainEnergyModel } from '../mlp/train.js';
import { WEIGHTS_FILE } from '../mlp/weights-file.js';
import { bootstrapped } from './bootstrap.js';
import { type Member, memberContext, memberFile, membersIn } from './member-context.js';
import type { EnsembleOptions } from './options.js';

/**
 * Trains the members one after the other, or goes on where the newest checkpoint stands. All share the scale and the
 * elements of the training rows. The learning curve names the member (from 0) of each epoch; the metrics are means over the
 * members' last epochs.
 *
 * @throws LcomsError as trainEnergyModel
 */
export async function trainEnsemble(
  data: SurrogateTrainingData,
  options: EnsembleOptions,
  context: PluginContext,
): Promise<Trained> {
  const { members, epochs } = options;
  // A lone training may grow by epochs; members that are done can't, so here their number has to be the same.
  const { checkpointSeconds: _, epochs: memberEpochs, ...others } = options;
  const identity = { ...others, memberEpochs };
  const fitted = fit(data, options);
  let saved = await context.checkpoint.latest();
  // At least one is left to train: what it goes on from is checked against the options.
  const trained = (await membersIn(saved)).slice(0, members - 1);
  while (trained.length < members) {
    const own = memberContext(context, { trained: [...trained], members, epochs, saved });
    const rows = options.bootstrap ? bootstrapped(data, own.rng.fork('bootstrap')) : data;
    const { blobs } = await trainEnergyModel(rows, options, null, identity, own, fitted);
    trained.push(memberOf(new Map(blobs.map(({ name, bytes }) => [name, bytes]))));
    saved = null;
  }
  const curve = trained.flatMap(({ history }, member) => history.map((row) => ({ ...row, member })));
  return {
    blobs: [...trained.map(({ weights }, k) => ({ name: memberFile(k), bytes: weights })), historyBlob(curve)],
    metrics: meansOf(trained.map(({ history }) => history.at(-1) as EpochMetrics)),
  };
}

function memberOf(blobs: ReadonlyMap<string, Uint8Array>): Member {
  const lines = Buffer.from(blobs.get(HISTORY_BLOB) as Uint8Array)
    .toString('utf8')
    .trimEnd()
    .split('\n');
  return {
    weights: blobs.get(WEIGHTS_FILE) as Uint8Array,
    history: lines.map((line) => JSON.parse(line) as EpochMetrics),
  };
}

function meansOf([first, ...others]: readonly EpochMetrics[]): Record<string, number> {
  const { epoch: _, ...metrics } = first as EpochMetrics;
  const count = others.length + 1;
  return Object.fromEntries(
    Object.entries(metrics).map(([name, value]) => [
      name,
      others.reduce((sum, other) => sum + (other[name] as number), value) / count,
    ]),
  );
}
