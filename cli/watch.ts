import { setTimeout as sleep } from 'node:timers/promises';
import type { WorkerStopped } from '../activities/node-activity.js';
import { readStatus } from '../activities/run-files.js';
import type { LiveNode } from '../infra/temporal/live-nodes.js';
import type { RunOutcome } from '../infra/temporal/workflow-client.js';
import { LcomsError } from '../schemas/errors.js';
import type { NodeRecord, RunPlan } from '../schemas/run.js';
import { Estimator, earlierDurations } from './estimate.js';
import type { Output } from './output.js';
import { groupNodes, type Snapshot } from './progress.js';
import { reportedSoFar } from './reported.js';
import { openView, type RunView } from './run-view.js';
import type { Session } from './session.js';
import type { Workplace } from './workplace.js';

/** Milliseconds between two questions to the server, and between two frames on a terminal. */
const ASK_INTERVAL = 1_000;
const FRAME_INTERVAL = 200;

export interface WatchedRun {
  outcome: RunOutcome;
  /** Every node in its final state. */
  nodes: NodeRecord[];
}

/** Shows a run until it ends. Throws the signal's reason after an abort; the run itself is left alone. */
export async function watchRun(
  session: Session,
  workplace: Workplace,
  plan: RunPlan,
  output: Output,
  signal: AbortSignal,
): Promise<WatchedRun> {
  const { client, server } = session;
  const groups = groupNodes(plan.nodes);
  const estimator = new Estimator(groups, await earlierDurations(workplace.store.store, plan.name));
  const view = openView(output, plan.runId, groups);
  const started = performance.now();
  let snapshot: Snapshot = { report: null, live: [] };
  let ended = false;
  const show = (): void => {
    const elapsed = (performance.now() - started) / 1000;
    view.update(snapshot, elapsed, snapshot.report === null ? null : estimator.remaining(snapshot, elapsed));
  };
  const attempts = new AttemptNotes(view);
  const ask = async (): Promise<void> => {
    // A server that is away is waited for by `result`; until then the last state stays on the screen.
    const [report, live] = await Promise.all([
      client.status(plan.runId).catch(unlessDefect),
      client.liveNodes(plan.runId).catch(unlessDefect),
    ]);
    snapshot = { report: report ?? snapshot.report, live: live ?? snapshot.live };
    if (output.interactive) snapshot.reported = await reportedSoFar(workplace, plan.runId, snapshot);
    attempts.tell(snapshot.live);
  };
  const asking = (async () => {
    while (!ended) {
      await ask();
      if (!ended && !output.interactive) show();
      await sleep(ASK_INTERVAL);
    }
  })();
  const frames = setInterval(() => output.interactive && show(), FRAME_INTERVAL);
  try {
    const result = client.result(plan.runId, { signal, whileAway: () => server.ensure() });
    const outcome = await Promise.race([result, session.broken]);
    const last = await client.status(plan.runId, 5_000).catch(unlessDefect);
    const nodes = last?.nodes ?? (await readStatus(workplace.store.store, plan.runId))?.nodes ?? [];
    if (last) snapshot = { report: last, live: [] };
    show();
    return { outcome, nodes };
  } finally {
    ended = true;
    clearInterval(frames);
    view.end();
    asking.catch(() => undefined);
  }
}

/** A worker that was stopped by its user: nothing went wrong. */
const STOPPED: WorkerStopped = 'WORKER_STOPPED';

/** Tells once of every attempt that failed and is made again. */
export class AttemptNotes {
  readonly #told = new Set<string>();

  constructor(private readonly view: Pick<RunView, 'note'>) {}

  tell(live: readonly LiveNode[]): void {
    for (const { id, attempt, lastError } of live) {
      if (lastError === null || lastError.code === STOPPED || attempt < 2 || this.#told.has(`${id} ${attempt}`))
        continue;
      this.#told.add(`${id} ${attempt}`);
      const reason = lastError.message.split('\n')[0]?.slice(0, 160) ?? '';
      this.view.note(`${id}: attempt ${attempt - 1} failed (${lastError.code}: ${reason}); trying again`);
    }
  }
}

/** The server may be away for a moment, and a workflow may not be there yet. */
export function unlessDefect(error: unknown): null {
  if (error instanceof LcomsError) return null;
  throw error;
}
