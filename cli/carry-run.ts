import { runTimeouts } from '../infra/temporal/timeouts.js';
import type { RunPlan } from '../schemas/run.js';
import { finishCancelled, finishFailed, finishInterrupted, finishPaused, finishSucceeded } from './finish.js';
import type { Output } from './output.js';
import type { Session } from './session.js';
import { watchRun } from './watch.js';
import type { Workplace } from './workplace.js';

export interface CarriedRun {
  workplace: Workplace;
  session: Session;
  plan: RunPlan;
  outDir: string;
  output: Output;
  /** Start a run that ended before anew. */
  again: boolean;
  signal: AbortSignal;
}

/** Brings a planned run to its end with a worker of our own, shows it, and writes its results. Returns the exit code. */
export async function carryRun({
  workplace,
  session,
  plan,
  outDir,
  output,
  again,
  signal,
}: CarriedRun): Promise<number> {
  try {
    signal.throwIfAborted();
    const others = await session.setAsideOthers(plan.runId);
    for (const other of others) output.say(`${other} was interrupted and waits: lcoms resume ${other}`);
    await startWorkflow(session, plan, again);
    await session.work();
    process.send?.({ carrying: plan.runId });
    signal.throwIfAborted();
    const { outcome, nodes } = await watchRun(session, workplace, plan, output, signal);
    if (outcome.state === 'cancelled') return finishCancelled(output, plan);
    if (outcome.state === 'paused') return finishPaused(output, plan.runId);
    if (outcome.state !== 'succeeded') return finishFailed(output, plan, nodes, outcome.error);
    return await finishSucceeded(workplace, output, plan, nodes, outDir);
  } catch (error) {
    if (!signal.aborted) throw error;
    const goesOn = session.isShared();
    await session.close();
    return finishInterrupted(output, plan.runId, goesOn);
  }
}

export async function startWorkflow(session: Session, plan: RunPlan, again: boolean): Promise<void> {
  const nodes = plan.nodes.map(({ id, step, queue, needs }) => ({ id, step, queue, needs }));
  const timeouts = runTimeouts();
  await session.patiently(() => session.client.start(plan.runId, nodes, { again, timeouts }));
}
