import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { defineCommand } from 'citty';
import { recordEnvironment } from '../activities/provenance/run-environment.js';
import { writePlan } from '../activities/run-files.js';
import { hashJson } from '../lib/hashing/sha256.js';
import { LCOMS_VERSION } from '../lib/version.js';
import { LcomsError } from '../schemas/errors.js';
import type { RunPlan } from '../schemas/run.js';
import { startWorkflow } from './carry-run.js';
import { compareNodes, surroundingDifferences } from './compare-runs.js';
import { INTERRUPTED } from './errors.js';
import { interruptSignal } from './interrupt.js';
import type { Output } from './output.js';
import { printReproduced } from './reproduced-view.js';
import { loadRun } from './run-facts.js';
import { knownRun, RUN_ARGUMENT } from './run-id.js';
import { Session } from './session.js';
import { JSON_OPTION, type Verb, type VerbData } from './verb.js';
import { watchRun } from './watch.js';
import { openRegistry, openWorkplace, type Workplace } from './workplace.js';

const DIFFERS = 4;

const command = defineCommand({
  meta: { name: 'reproduce', description: 'Make a run again from its record in an empty store, and compare' },
  args: {
    id: { type: 'positional', required: true, description: RUN_ARGUMENT },
    home: {
      type: 'string',
      valueHint: 'DIR',
      description: 'empty folder to make it in, which is kept; default: one that is removed',
    },
    ...JSON_OPTION,
  },
  run: async ({ args, data }) => {
    const { output } = data as VerbData;
    const workplace = openWorkplace();
    const recorded = await loadRun(workplace, await knownRun(workplace, args.id));
    const { plan } = recorded;
    if (recorded.nodes.every(({ artifact }) => artifact === null))
      throw new LcomsError('LCOMS_E_NOT_FOUND', `the run ${plan.runId} has made nothing yet that could be compared`);
    const home = args.home === undefined ? mkdtempSync(path.join(os.tmpdir(), 'lcoms-again-')) : emptyHome(args.home);
    const signal = interruptSignal(output);
    try {
      const elsewhere = openWorkplace({ ...process.env, LCOMS_HOME: home, LCOMS_STORE: undefined });
      const again = await planAgain(workplace, elsewhere, plan);
      const error = await makeAgain(elsewhere, again, output, signal);
      const remade = await loadRun(elsewhere, again.runId);
      const found = {
        runId: plan.runId,
        again: again.runId,
        home: args.home === undefined ? null : home,
        record:
          hashJson(plan.spec) === plan.specHash
            ? []
            : ['the spec in the record is not the one that was run: its hash differs'],
        surroundings: surroundingDifferences(recorded, remade),
        nodes: await compareNodes(recorded, workplace.store, remade, elsewhere.store),
        notCompared: recorded.nodes.filter(({ artifact }) => artifact === null).map(({ id }) => id),
        error,
      };
      const same = found.record.length === 0 && found.nodes.every(({ verdict }) => verdict === 'same');
      if (output.json) output.document({ same, ...found });
      else printReproduced(output, { same, ...found }, recorded);
      return same ? 0 : DIFFERS;
    } catch (error) {
      if (!signal.aborted) throw error;
      return INTERRUPTED;
    } finally {
      if (args.home === undefined) rmSync(home, { recursive: true, force: true });
    }
  },
});

function emptyHome(given: string): string {
  const home = path.resolve(given);
  if (existsSync(home) && (!statSync(home).isDirectory() || readdirSync(home).length > 0))
    throw new LcomsError('LCOMS_E_FILE', 'it is not empty: what is there could be taken for what is made', {
      file: home,
      hint: 'Give --home a new or empty folder.',
    });
  mkdirSync(home, { recursive: true });
  return home;
}

/** The run's nodes as a new run of an empty store, with the files that it was given. */
async function planAgain(from: Workplace, to: Workplace, plan: RunPlan): Promise<RunPlan> {
  const registry = await openRegistry();
  const used = new Set(plan.plugins.map(({ id }) => id));
  for (const { files } of plan.nodes)
    for (const file of Object.values(files)) await to.store.putBlob(file.name, await from.store.getBlob(file));
  // Made again by itself: other trials of its sweep are not there to be compared with.
  const { trial: _, ...alone } = plan;
  const again: RunPlan = {
    ...alone,
    runId: `again-${randomBytes(4).toString('hex')}`,
    createdAt: new Date().toISOString(),
    lcoms: LCOMS_VERSION,
    plugins: registry.list().filter(({ id }) => used.has(id)),
    environment: await recordEnvironment(null),
  };
  await writePlan(to.store.store, again);
  return again;
}

/** Runs it to its end with a server and worker of its own. Returns what went wrong, null when nothing did. */
async function makeAgain(
  workplace: Workplace,
  plan: RunPlan,
  output: Output,
  signal: AbortSignal,
): Promise<{ code: string; message: string } | null> {
  const session = await Session.open(workplace, output);
  try {
    signal.throwIfAborted();
    await startWorkflow(session, plan, false);
    await session.work();
    const { outcome } = await watchRun(session, workplace, plan, output, signal);
    return outcome.state === 'failed' ? (outcome.error ?? { code: 'LCOMS_E_RUN_FAILED', message: 'it failed' }) : null;
  } finally {
    await session.close();
  }
}

export const verb: Verb = {
  command,
  examples: [
    ['lcoms reproduce last', 'made again in a folder that is removed afterwards'],
    ['lcoms reproduce ID --home again --json', 'kept in ./again; a document that says what differs'],
  ],
  notes: [
    'Exit code 0 when every artifact is the same byte for byte, 4 when one differs.',
    'Plugins are those of the configuration here; another version, backend or machine is said.',
  ],
};
