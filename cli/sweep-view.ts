import { setTimeout as sleep } from 'node:timers/promises';
import type { SweepOutcome } from '../infra/temporal/sweep-client.js';
import type { SweepPlan } from '../schemas/sweep.js';
import type { SweepProgress } from '../workflows/sweep-contract.js';
import { duration, type Output } from './output.js';
import type { Session } from './session.js';

/** Milliseconds between two questions to the workflow. */
const ASK_INTERVAL = 1_000;
/** Seconds between two lines in a log. */
const LINE_INTERVAL = 5;

/** Shows a sweep until it ends. Throws the signal's reason after an abort; the sweep itself is left alone. */
export async function watchSweep(
  session: Session,
  plan: SweepPlan,
  output: Output,
  signal: AbortSignal,
): Promise<SweepOutcome> {
  const { client, server } = session;
  const started = performance.now();
  const pace = new Pace();
  let ended = false;
  let shownAt = Number.NEGATIVE_INFINITY;
  let last = '';
  const asking = (async () => {
    while (!ended) {
      const progress = await client.sweeps.progress(plan.sweepId);
      const elapsed = (performance.now() - started) / 1000;
      if (ended || progress === null) {
        await sleep(ASK_INTERVAL);
        continue;
      }
      const line = progressText(plan, progress, elapsed, pace);
      if (output.interactive) output.stream.write(`\r\u001b[0K${line.slice(0, (output.stream.columns || 100) - 1)}`);
      else if (line !== last && elapsed - shownAt >= LINE_INTERVAL) {
        output.say(`[${duration(elapsed).padStart(8)}] ${line}`);
        shownAt = elapsed;
        last = line;
      }
      await sleep(ASK_INTERVAL);
    }
  })();
  try {
    const result = client.sweeps.result(plan.sweepId, { signal, whileAway: () => server.ensure() });
    return await Promise.race([result, session.broken]);
  } finally {
    ended = true;
    if (output.interactive) output.stream.write('\r\u001b[0K');
    asking.catch(() => undefined);
  }
}

/** `12/200 trials (3 cached, 1 failed), 4 running, best 0.31 (trial 7), about 3 min 05 s left` */
export function progressText(plan: SweepPlan, progress: SweepProgress, elapsed: number, pace: Pace): string {
  const { counts, cached, running, best, stopped } = progress;
  const done = Object.values(counts).reduce((sum, n) => sum + (n ?? 0), 0);
  const some = Object.entries(counts).flatMap(([state, n]) => (state === 'succeeded' || !n ? [] : [`${n} ${state}`]));
  const how = [...(cached > 0 ? [`${cached} cached`] : []), ...some].join(', ');
  const left = pace.left(plan.trials, done, cached, running.length, elapsed);
  return [
    `${done}/${plan.trials} trials${how === '' ? '' : ` (${how})`}`,
    `${running.length} running`,
    ...(best ? [`best ${+best.value.toPrecision(5)} (trial ${best.index})`] : []),
    ...(stopped === null ? (left === null ? [] : [`about ${duration(left)} left`]) : [`stopping: ${stopped}`]),
  ].join(', ');
}

/** Time that is left by the pace since this process began to watch; trials that were there already say nothing of it. */
export class Pace {
  #first: { done: number; at: number } | null = null;

  left(trials: number, done: number, cached: number, running: number, elapsed: number): number | null {
    const made = done - cached;
    this.#first ??= { done: made, at: elapsed };
    const since = made - this.#first.done;
    const rate = since / (elapsed - this.#first.at);
    if (since < 1 || !(rate > 0)) return null;
    return (trials - done - running / 2) / rate;
  }
}
