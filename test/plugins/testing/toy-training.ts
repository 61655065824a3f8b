import { setImmediate, setTimeout } from 'node:timers/promises';
import type { PluginContext } from '../../../plugins/contract/context.js';
import type { Trained } from '../../../plugins/contract/encoder.js';

export type Faults = ReadonlySet<string>;

let calls = 0;

/** Training that only draws numbers, with a checkpoint an epoch: right unless a fault is asked for. */
export async function toyTrain(
  context: PluginContext,
  inputs: Float32Array | object[],
  faults: Faults,
): Promise<Trained> {
  if (faults.has('writes to its input')) {
    if (inputs instanceof Float32Array) inputs[0] = 9;
    else Object.assign(inputs[0] as object, { id: 'mine' });
  }
  if (faults.has('does not listen')) await setTimeout(1300);
  let weight = 0;
  const saved = await context.checkpoint.latest();
  const begin = saved ? saved.step : 0;
  if (saved && !faults.has('forgets its weights'))
    weight = Number(new TextDecoder().decode(await saved.load('weight')));
  for (let epoch = begin; epoch < 5; epoch++) {
    await setImmediate();
    if (!faults.has('does not listen')) context.signal.throwIfAborted();
    weight += context.rng.fork(`epoch-${epoch}`).normal();
    context.report({ step: epoch + 1, weight });
    context.tick({ done: epoch + 1, total: 5, unit: 'epochs' });
    const blob = { name: 'weight', bytes: new TextEncoder().encode(String(weight)) };
    await context.checkpoint.save(epoch + 1, [blob], {});
  }
  if (faults.has('has a seed of its own')) weight += ++calls;
  const metrics = { weight: faults.has('reports NaN') ? Number.NaN : weight };
  return { blobs: [{ name: 'weight', bytes: new TextEncoder().encode(String(weight)) }], metrics };
}
