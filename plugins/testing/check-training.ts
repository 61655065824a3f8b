import type { PluginContext } from '../contract/context.js';
import type { Trained } from '../contract/encoder.js';
import { type Checks, demand, skip } from './checks.js';
import { fingerprint, unchanged } from './fingerprint.js';
import { digestBlobs, MemoryCheckpoints, type TestContextOptions } from './test-context.js';

/** A plugin may take this long to end after its signal is aborted. */
const CANCEL_MS = 1000;
/** A plugin that gives no sign of life is cancelled after this time. */
const SILENT_MS = 200;

/** Makes an instance in a context and trains it. */
export type Train = (context: TestContextOptions) => Promise<Trained>;

/** What holds for everything that trains. Returns the trained blobs. */
export async function checkTraining(checks: Checks, train: Train, inputs: unknown): Promise<Trained | undefined> {
  const first = await checks.run('training leaves its input alone', () => unchanged(inputs, () => train({})));
  if (!first) return undefined;
  await checks.run('training gives finite metrics', () => {
    demand(first.blobs.length > 0, 'training gave no blobs');
    for (const [name, value] of Object.entries(first.metrics)) demand(Number.isFinite(value), `${name} is ${value}`);
  });
  await checks.run('same seed, same bytes', async () => {
    const second = await train({});
    demand(digestBlobs(first.blobs) === digestBlobs(second.blobs), 'two trainings with one seed differ');
  });
  await checks.run('resumed training is training that was not interrupted', () => checkResume(train, first));
  await checks.run('cancelled training ends within a second', () => checkCancel(train));
  return first;
}

/** A model of what was trained, by `load`, and a way to have another one; undefined when either fails. */
export async function checkLoading<M>(
  checks: Checks,
  trained: Trained,
  load: (blobs: ReadonlyMap<string, Uint8Array>) => Promise<M>,
): Promise<{ model: M; again(): Promise<M> } | undefined> {
  const blobs = new Map(trained.blobs.map(({ name, bytes }) => [name, bytes]));
  const again = () => load(blobs);
  const model = await checks.run('a trained model loads, its input left alone', () => unchanged(blobs, again));
  return model && { model, again };
}

async function checkResume(train: Train, whole: Trained): Promise<void> {
  const controller = new AbortController();
  const checkpoint = new MemoryCheckpoints((saves) => {
    // Not the first one: what is lost of the state often starts at its initial value.
    if (saves === 2) controller.abort(new Error('cut off after a checkpoint'));
  });
  const steps: number[] = [];
  const report: PluginContext['report'] = ({ step }) => void steps.push(step);
  const cut = await train({ checkpoint, signal: controller.signal, report }).catch(() => null);
  if (checkpoint.saves === 0) skip('training saved no checkpoint: give options that make it save one, or train longer');
  if (cut !== null && checkpoint.saves < 2) skip('training ended before its second checkpoint');
  const before = steps.length;
  const resumed = await train({ checkpoint, report });
  demand(digestBlobs(resumed.blobs) === digestBlobs(whole.blobs), 'resumed training gives other bytes');
  demand(
    fingerprint(resumed.metrics) === fingerprint(whole.metrics),
    'resumed training gives other metrics than training that was not interrupted',
  );
  const again = steps.slice(before);
  demand(
    again.every((step, i) => i === 0 || step > (again[i - 1] as number)),
    'reported steps must grow',
  );
}

/** The best of three: on a busy machine a plugin that is quick to end may still have to wait for its turn. */
async function checkCancel(train: Train): Promise<void> {
  let late = Number.POSITIVE_INFINITY;
  for (let attempt = 0; attempt < 3 && late > CANCEL_MS; attempt++) late = Math.min(late, await cancelOnce(train));
  demand(late <= CANCEL_MS, `training ended ${Math.round(late)} ms after it was cancelled`);
}

/** Milliseconds from the abort to the end of training. */
async function cancelOnce(train: Train): Promise<number> {
  const controller = new AbortController();
  const started = performance.now();
  let cancelled = started + SILENT_MS;
  const cancel = () => {
    if (controller.signal.aborted) return;
    cancelled = Math.min(cancelled, performance.now());
    controller.abort(new Error('cancelled by the check'));
  };
  const timer = setTimeout(cancel, SILENT_MS);
  await train({ signal: controller.signal, tick: cancel }).catch(() => null);
  clearTimeout(timer);
  return performance.now() - cancelled;
}
