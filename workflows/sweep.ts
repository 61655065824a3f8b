import { WorkflowExecutionAlreadyStartedError } from '@temporalio/common';
import {
  CancellationScope,
  CancelledFailure,
  type ChildWorkflowHandle,
  condition,
  continueAsNew,
  defineQuery,
  defineSignal,
  getExternalWorkflowHandle,
  isCancellation,
  patched,
  proxyActivities,
  setHandler,
  sleep,
  startChild,
  workflowInfo,
} from '@temporalio/workflow';
import type { Advanced, ReadyTrial, SweepActivities } from '../activities/sweep/advance.js';
import type { RunState } from '../schemas/run.js';
import { PAUSE_SIGNAL } from './contract.js';
import type { experiment } from './experiment.js';
import { SWEEP_QUERY, type SweepInput, type SweepProgress, type SweepResult, trialId } from './sweep-contract.js';
import { reasonToStop, startingProgress, tally } from './sweep-tally.js';

const progressQuery = defineQuery<SweepProgress, []>(SWEEP_QUERY);
const pauseSignal = defineSignal<[]>(PAUSE_SIGNAL);

/** Temporal's id of a run. */
const workflowIdOf = (sweepId: string, index: number): string => `lcoms-run-${trialId(sweepId, index)}`;

/**
 * Runs the trials of a sweep, each as a child workflow `experiment`, a window of them at a time. Which trials there are,
 * and what became of them, is in the store: this workflow holds indices and counts, and continues as new when its history
 * is long, its children going on meanwhile. Answers the query `progress`. After the signal `pause` no trial begins, those
 * under way are paused, and the sweep ends as `paused`: starting it again goes on.
 */
export async function sweep(input: SweepInput): Promise<SweepResult> {
  return await new Sweep(input).run();
}

class Sweep {
  readonly #progress: SweepProgress;
  readonly #activities: SweepActivities;
  /** Prepared trials that wait for a place in the window. */
  #ready: ReadyTrial[] = [];
  /** Trials whose end this execution can't hear of: it did not start them. */
  #strays: number[];
  #waits = false;
  /** Children whose start the server has not confirmed. */
  #starting = 0;
  /** Trials under way have been asked to pause. */
  #askedToPause = false;
  /** Prepared trials are not begun because of a pause. */
  #dropped = false;
  /** A limit depends on what trials come to: the next one begins when the one before is recorded. */
  readonly #asksFirst: boolean;
  /** This execution begins no more: the next one does. */
  #closing = false;
  readonly #children = new CancellationScope({ cancellable: true });

  constructor(private readonly input: SweepInput) {
    this.#progress = input.progress ?? startingProgress(workflowInfo().startTime.toISOString());
    const { cpuSeconds, target, failures } = input.limits;
    const isLimited = cpuSeconds !== null || target !== null || failures !== null;
    // replay-tested: 2026-11-26
    if (isLimited && patched('limits-before-next')) this.#asksFirst = true;
    else this.#asksFirst = false;
    this.#strays = [...this.#progress.running];
    this.#activities = proxyActivities<SweepActivities>({
      taskQueue: workflowInfo().taskQueue,
      startToCloseTimeout: '10 minutes',
      heartbeatTimeout: '20s',
      retry: { initialInterval: '500ms', backoffCoefficient: 2, maximumInterval: '30s', maximumAttempts: 20 },
    });
    setHandler(progressQuery, () => this.#progress);
    setHandler(pauseSignal, () => {
      this.#progress.pausing = true;
      this.#drop(this.#ready);
    });
  }

  async run(): Promise<SweepResult> {
    const { sweepId } = this.input;
    try {
      this.#watchStrays();
      await this.#carry();
    } catch (error) {
      if (!isCancellation(error)) throw error;
      await CancellationScope.nonCancellable(() => this.#windUp());
      throw new CancelledFailure('the sweep was cancelled');
    }
    const { counts, stopped, error } = this.#progress;
    const state = this.#isPaused() ? 'paused' : (counts.failed ?? 0) > 0 ? 'failed' : 'succeeded';
    await this.#advance(0, state);
    return { sweepId, state, counts, stopped, error };
  }

  async #carry(): Promise<void> {
    const { limits } = this.input;
    for (;;) {
      const { running, ended } = this.#progress;
      if (this.#wantsNewHistory()) await this.#continueAsNew();
      if (this.#progress.pausing && !this.#askedToPause) {
        await this.#pauseTrials();
        continue;
      }
      const room = this.#mayBegin() ? Math.max(0, 2 * limits.concurrency - running.length - this.#ready.length) : 0;
      if (room > 0 || ended.length > 0) {
        await this.#advance(room, 'running');
        continue;
      }
      if (running.length === 0 && this.#ready.length === 0) return;
      await condition(
        () =>
          this.#progress.ended.length > 0 ||
          this.#wantsNewHistory() ||
          (this.#progress.pausing === true && !this.#askedToPause),
      );
    }
  }

  #mayBegin(): boolean {
    const { exhausted, stopped, pausing } = this.#progress;
    return !exhausted && !this.#waits && stopped === null && !pausing;
  }

  async #pauseTrials(): Promise<void> {
    await condition(() => this.#starting === 0);
    this.#askedToPause = true;
    const { running } = this.#progress;
    if (running.length > 0) await this.#activities.pauseTrials({ sweepId: this.input.sweepId, indices: [...running] });
  }

  /** Whether a pause has left something to do. */
  #isPaused(): boolean {
    const { pausing, stopped, exhausted, counts } = this.#progress;
    return pausing === true && stopped === null && (!exhausted || this.#dropped || (counts.paused ?? 0) > 0);
  }

  #drop(trials: readonly ReadyTrial[]): void {
    this.#dropped ||= trials.length > 0;
    this.#ready = [];
  }

  /** Has what ended recorded, and takes up to `room` further trials. */
  async #advance(room: number, state: RunState): Promise<void> {
    const { sweepId, limits } = this.input;
    const { ended, next, startedAt, counts, cpuSeconds, stopped, best } = this.#progress;
    this.#progress.ended = [];
    const advanced = await this.#activities.advanceSweep({
      sweepId,
      ended,
      next,
      room,
      limit: limits.trials,
      status: { sweepId, state, startedAt, counts, cpuSeconds, stopped, best },
    });
    this.#learn(advanced);
    this.#begin();
  }

  #learn({ ready, ended, next, exhausted, waits }: Advanced): void {
    const { limits } = this.input;
    const progress = this.#progress;
    progress.next = next;
    progress.exhausted ||= exhausted;
    // What was waited for may have been recorded in the same call.
    this.#waits = waits && ended.length === 0;
    tally(progress, ended, limits.goal);
    progress.stopped ??= reasonToStop(limits, progress);
    if (progress.stopped !== null) this.#ready = [];
    else if (progress.pausing) this.#drop(ready);
    else this.#ready.push(...ready);
    if (limits.failFast && (progress.counts.failed ?? 0) > 0) this.#children.cancel();
  }

  /** Starts what the window has room for. */
  #begin(): void {
    while (!this.#closing && this.#ready.length > 0 && this.#progress.running.length < this.input.limits.concurrency) {
      const trial = this.#ready.shift() as ReadyTrial;
      this.#progress.running.push(trial.index);
      void this.#children.run(() => this.#runTrial(trial));
    }
  }

  async #runTrial({ index, nodes }: ReadyTrial): Promise<void> {
    const { sweepId, prefix, timeouts } = this.input;
    let child: ChildWorkflowHandle<typeof experiment>;
    this.#starting += 1;
    try {
      child = await startChild<typeof experiment>('experiment', {
        workflowId: workflowIdOf(sweepId, index),
        args: [
          {
            runId: trialId(sweepId, index),
            prefix,
            nodes,
            trial: true,
            recordLate: true,
            ...(timeouts ? { timeouts } : {}),
          },
        ],
        parentClosePolicy: 'ABANDON',
        workflowIdReusePolicy: 'ALLOW_DUPLICATE',
        cancellationType: 'WAIT_CANCELLATION_COMPLETED',
      });
    } catch (error) {
      // It goes on since an earlier execution, or was begun by `lcoms resume`.
      if (error instanceof WorkflowExecutionAlreadyStartedError) {
        this.#strays.push(index);
        if (this.#strays.length === 1) this.#watchStrays();
      } else this.#end(index);
      return;
    } finally {
      this.#starting -= 1;
    }
    // How it ended is in its record.
    await child.result().catch(() => undefined);
    this.#end(index);
  }

  #end(index: number): void {
    const { running, ended } = this.#progress;
    const at = running.indexOf(index);
    if (at === -1) return;
    running.splice(at, 1);
    ended.push(index);
    this.#waits = false;
    // What it took and gave may be the reason to begin no more.
    if (!this.#asksFirst) this.#begin();
  }

  #watchStrays(): void {
    this.#askAfterStrays().catch((error: unknown) => {
      if (!isCancellation(error)) throw error;
    });
  }

  /** Asks the server after trials that it can't hear of, more seldom as time goes on. */
  async #askAfterStrays(): Promise<void> {
    const { sweepId } = this.input;
    for (let pause = 1; this.#strays.length > 0; pause = Math.min(30, pause * 1.5)) {
      const ended = await this.#activities.endedTrials({ sweepId, indices: [...this.#strays] });
      this.#strays = this.#strays.filter((index) => !ended.includes(index));
      for (const index of ended) this.#end(index);
      if (this.#strays.length > 0) await sleep(`${Math.round(pause * 1000)}ms`);
    }
  }

  #wantsNewHistory(): boolean {
    const { continueAsNewSuggested, historyLength } = workflowInfo();
    return continueAsNewSuggested || historyLength > (this.input.maximumEvents ?? Number.POSITIVE_INFINITY);
  }

  async #continueAsNew(): Promise<never> {
    this.#closing = true;
    await condition(() => this.#starting === 0);
    // What was prepared and not begun is prepared again.
    const next = this.#ready[0]?.index;
    const again = next === undefined ? {} : { next, exhausted: false };
    return await continueAsNew<typeof sweep>({ ...this.input, progress: { ...this.#progress, ...again } });
  }

  /** Records the trials that a cancellation has ended. */
  async #windUp(): Promise<void> {
    this.#ready = [];
    this.#children.cancel();
    for (const index of this.#strays) {
      await getExternalWorkflowHandle(workflowIdOf(this.input.sweepId, index))
        .cancel()
        .catch(() => undefined);
    }
    this.#watchStrays();
    await condition(() => this.#progress.running.length === 0, '1 minute');
    // Once to learn how they ended, once to record the whole.
    await this.#advance(0, 'cancelled');
    await this.#advance(0, 'cancelled');
  }
}
