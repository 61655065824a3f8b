import { setTimeout as sleep } from 'node:timers/promises';
import { defineCommand } from 'citty';
import { readPlan, readStatus } from '../activities/run-files.js';
import type { RunClient } from '../infra/temporal/client.js';
import type { RunPlan, RunState, RunStatus } from '../schemas/run.js';
import { INTERRUPTED } from './errors.js';
import { Estimator, earlierDurations } from './estimate.js';
import { interruptSignal } from './interrupt.js';
import { duration, type Output } from './output.js';
import { groupNodes, type Snapshot } from './progress.js';
import { reportedSoFar } from './reported.js';
import { knownRun, RUN_ARGUMENT } from './run-id.js';
import { openView } from './run-view.js';
import { openClient, shownState } from './server-peek.js';
import type { Verb, VerbData } from './verb.js';
import { AttemptNotes, unlessDefect } from './watch.js';
import { openWorkplace, type Workplace } from './workplace.js';

const ASK_INTERVAL = 1_000;
const FRAME_INTERVAL = 200;

const command = defineCommand({
  meta: { name: 'watch', description: 'Watch a run that goes on elsewhere, without taking part in it' },
  args: {
    id: { type: 'positional', required: true, description: RUN_ARGUMENT },
    once: { type: 'boolean', description: 'say how it stands and end' },
    json: { type: 'boolean', description: 'print JSON, one document a line, whenever something changed' },
  },
  run: async ({ args, data }) => {
    const { output } = data as VerbData;
    const workplace = openWorkplace();
    const plan = await readPlan(workplace.store.store, await knownRun(workplace, args.id));
    const signal = args.once ? new AbortController().signal : interruptSignal(output);
    const client = await openClient(workplace);
    try {
      const { state, status } = await follow(workplace, client, plan, output, args.once ?? false, signal);
      if (signal.aborted) return INTERRUPTED;
      if (args.once || output.json) return exitCode(state, args.once ?? false);
      const took = status === null ? '' : ` after ${duration(status.seconds)}`;
      output.say(
        `${plan.runId} ${state}${took}.${state === 'succeeded' ? '' : ` lcoms show ${plan.runId} says more.`}`,
      );
      return exitCode(state, false);
    } finally {
      await client?.close();
    }
  },
});

function exitCode(state: RunState, once: boolean): number {
  return state === 'succeeded' || (once && state === 'running') ? 0 : 4;
}

async function follow(
  workplace: Workplace,
  client: RunClient | null,
  plan: RunPlan,
  output: Output,
  once: boolean,
  signal: AbortSignal,
): Promise<{ state: RunState; status: RunStatus | null }> {
  const groups = groupNodes(plan.nodes);
  const estimator = new Estimator(groups, await earlierDurations(workplace.store.store, plan.name));
  const view = output.json ? null : openView(output, plan.runId, groups, true);
  const attempts = new AttemptNotes(view ?? { note: (line) => output.say(line) });
  let snapshot: Snapshot = { report: null, live: [] };
  let startedAt = Date.parse(plan.createdAt);
  let printed = '';
  const elapsed = (): number => Math.max(0, (Date.now() - startedAt) / 1000);
  const left = () => (snapshot.report === null ? null : estimator.remaining(snapshot, elapsed()));
  const frames = setInterval(() => output.interactive && view?.update(snapshot, elapsed(), left()), FRAME_INTERVAL);
  try {
    for (;;) {
      const seen = await look(workplace, client, plan.runId);
      snapshot = seen.snapshot;
      startedAt = Date.parse(seen.status?.startedAt ?? plan.createdAt);
      const seconds = seen.state === 'running' ? elapsed() : (seen.status?.seconds ?? 0);
      attempts.tell(snapshot.live);
      view?.update(snapshot, seconds, left());
      if (output.json) {
        const document = { runId: plan.runId, state: seen.state, nodes: nodesOf(snapshot), left: left() };
        const { left: _, ...what } = document;
        if (JSON.stringify(what) !== printed) output.document({ ...document, seconds }, 0);
        printed = JSON.stringify(what);
      }
      if (once || seen.state !== 'running' || signal.aborted) return seen;
      await sleep(ASK_INTERVAL, undefined, { signal }).catch(() => undefined);
    }
  } finally {
    clearInterval(frames);
    view?.end();
  }
}

/** How the run stands by its server, else by its record. */
async function look(
  workplace: Workplace,
  client: RunClient | null,
  runId: string,
): Promise<{ state: RunState; status: RunStatus | null; snapshot: Snapshot }> {
  const onServer = client ? await client.state(runId).catch(unlessDefect) : null;
  // After the server's word: a record that was written before it may not have the end yet.
  const status = await readStatus(workplace.store.store, runId);
  const state = shownState(status?.state ?? null, onServer ?? undefined);
  const goesOn = client !== null && state === 'running';
  const report = goesOn ? await client.status(runId).catch(unlessDefect) : null;
  const live = goesOn ? ((await client.liveNodes(runId).catch(unlessDefect)) ?? []) : [];
  const snapshot: Snapshot = { report: report ?? status, live };
  snapshot.reported = await reportedSoFar(workplace, runId, snapshot);
  return { state, status, snapshot };
}

function nodesOf({ report, live }: Snapshot): object[] {
  const alive = new Map(live.map((node) => [node.id, node]));
  return (report?.nodes ?? []).map(({ id, state, attempt, error }) => {
    const { worker = '', progress = null, attempt: current = attempt, lastError = null } = alive.get(id) ?? {};
    return { id, state, attempt: current, worker: worker || null, progress, error: error ?? lastError };
  });
}

export const verb: Verb = {
  command,
  examples: [
    ['lcoms watch last', 'until it ends: progress, loss, what is left, attempts and workers'],
    ['lcoms watch last --once', 'how it stands now'],
    ['lcoms watch last --json', 'a document a line, for scripts'],
  ],
  notes: [
    'Ctrl-C ends the watching, not the run. Exit code 0 when the run succeeded, 4 otherwise.',
    'In a pipe it prints lines instead of a picture.',
  ],
};
