import { readSweepStatus } from '../activities/sweep/sweep-files.js';
import type { RunState } from '../schemas/run.js';
import type { SweepPlan, TrialRecord } from '../schemas/sweep.js';
import type { SweepLimits } from '../workflows/sweep-contract.js';
import { exitCodeOf, INTERRUPTED, renderError } from './errors.js';
import { endWithin } from './open-run.js';
import { type Output, table } from './output.js';
import { Session } from './session.js';
import { shownTrial, writeSweepResults } from './sweep-results.js';
import { namesIn, trialTable } from './sweep-table.js';
import { bestTrial, readTrials } from './sweep-trials.js';
import { watchSweep } from './sweep-view.js';
import type { Workplace } from './workplace.js';

/** Milliseconds that a sweep gets to pause before it is gone on with as it is. */
const LONGEST_PAUSE = 75_000;

export interface CarriedSweep {
  workplace: Workplace;
  plan: SweepPlan;
  outDir: string;
  output: Output;
  signal: AbortSignal;
}

/** Brings a sweep to its end, or joins it where it is under way, and writes its table. Returns the exit code. */
export async function carrySweep(carried: CarriedSweep): Promise<number> {
  const { workplace, plan, output, signal } = carried;
  const there = await whole(plan, workplace);
  if (there) {
    output.say(`${plan.sweepId}: all ${plan.trials} trials are there already.`);
    return await finish(carried, 'succeeded', null, there);
  }
  const session = await Session.open(workplace, output);
  try {
    signal.throwIfAborted();
    for (const other of await session.setAsideOthers(plan.sweepId))
      output.say(`${other} was interrupted and waits: lcoms resume ${other}`);
    await waitWhilePausing(session, plan.sweepId, output);
    await session.client.sweeps.start(plan.sweepId, limitsOf(plan));
    await session.work();
    process.send?.({ carrying: plan.sweepId });
    output.say(`${plan.sweepId}: ${plan.trials} trials. Ctrl-C interrupts; lcoms resume goes on.`);
    const { state, stopped } = await watchSweep(session, plan, output, signal);
    return await finish(carried, state, stopped, await readTrials(plan, workplace.store));
  } catch (error) {
    if (!signal.aborted) throw error;
    const state = session.isShared() ? 'running' : 'interrupted';
    if (output.json) output.document({ sweepId: plan.sweepId, state, outDir: null, files: {}, trials: [] });
    output.warn(`Interrupted. To go on where it was:\n  lcoms resume ${plan.sweepId}`);
    return INTERRUPTED;
  } finally {
    await session.close();
  }
}

/** A sweep that was asked to pause may still be at it: its checkpoints are worth the wait. */
async function waitWhilePausing({ client }: Session, sweepId: string, output: Output): Promise<void> {
  if ((await client.sweeps.state(sweepId)) !== 'running') return;
  if (!(await client.sweeps.progress(sweepId))?.pausing) return;
  const ready = output.waiting('waiting for the pause');
  await endWithin(client.sweeps, sweepId, LONGEST_PAUSE).finally(ready);
}

/** The trials of a sweep that has nothing left to do; null otherwise. The results of every trial are looked for. */
async function whole(plan: SweepPlan, { store }: Workplace): Promise<TrialRecord[] | null> {
  const status = await readSweepStatus(store.store, plan.sweepId);
  if (status?.state !== 'succeeded' || status.stopped !== null) return null;
  const records = await readTrials(plan, store);
  if (records.length < plan.trials) return null;
  for (const { state, report } of records) {
    if (state !== 'succeeded' && state !== 'pruned') return null;
    const manifest = report === null ? null : await store.findCommitted(report);
    if (report !== null && !manifest) return null;
    try {
      if (manifest) await store.verify(manifest);
    } catch {
      return null;
    }
  }
  return records;
}

export function limitsOf({ spec, trials }: SweepPlan): SweepLimits {
  const { stop, onFailure, concurrency, objective } = spec;
  return {
    concurrency,
    trials: Math.min(trials, stop.trials ?? trials),
    cpuSeconds: stop.cpuHours === undefined ? null : 3600 * stop.cpuHours,
    target: stop.target ?? null,
    goal: objective?.goal ?? 'minimize',
    failures: onFailure === 'continue' ? null : onFailure === 'fail-fast' ? 1 : onFailure.stopAfter,
    failFast: onFailure === 'fail-fast',
  };
}

async function finish(
  { plan, outDir, output }: CarriedSweep,
  state: RunState,
  stopped: string | null,
  records: readonly TrialRecord[],
): Promise<number> {
  const { sweepId, spec } = plan;
  const files = await writeSweepResults(plan, records, outDir);
  const best = bestTrial(plan, records);
  const failed = records.filter((record) => record.state === 'failed');
  const metric = spec.objective?.metric;
  if (metric !== undefined && best === null && records.some((record) => record.state === 'succeeded'))
    output.warn(`warning: no trial has the metric "${metric}"; there are ${namesIn(records).metrics.join(', ')}`);
  if (output.json) {
    const shown = best && { index: best.index, runId: best.runId, value: best.metrics[metric as string] };
    output.document({ sweepId, state, outDir, files, stopped, best: shown, trials: records.map(shownTrial) });
  } else {
    output.say(`\n${trialTable(records, metric)}`);
    if (best) output.say(`\nbest: trial ${best.index}, ${metric} ${best.metrics[metric as string]}  (${best.runId})`);
    if (stopped !== null) output.say(`\nstopped: ${stopped}. lcoms sweep with a larger budget goes on.`);
    output.say(
      `\n${table([['results', outDir], ...Object.entries(files).map(([kind, file]) => [`  ${kind}`, file])])}`,
    );
  }
  for (const { index, error } of failed.slice(0, 3))
    if (error)
      output.warn(
        `\n${renderError(output, { ...error, where: [`trial ${index}`, error.where].filter(Boolean).join(': ') })}`,
      );
  if (state === 'succeeded') return 0;
  if (state === 'paused' || state === 'cancelled') {
    output.warn(`\nThe sweep was ${state}. What is done is kept; to go on:\n  lcoms resume ${sweepId}`);
    return state === 'paused' ? INTERRUPTED : 4;
  }
  output.warn(
    `\n${failed.length} of ${records.length} trials failed; what is done is kept:\n  lcoms resume ${sweepId}`,
  );
  const codes = new Set(failed.flatMap(({ error }) => (error ? [exitCodeOf(error.code)] : [])));
  return codes.size === 1 ? ([...codes][0] ?? 4) : 4;
}
