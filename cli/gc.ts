import { defineCommand } from 'citty';
import { listRunIds, readPlan } from '../activities/run-files.js';
import { listSweepIds, readSweepPlan } from '../activities/sweep/sweep-files.js';
import { type Garbage, planGc, runGc } from '../lib/artifacts/gc.js';
import { blobKey } from '../lib/artifacts/layout.js';
import type { ObjectStore } from '../lib/artifacts/object-store.js';
import type { RunEnvironment } from '../schemas/environment.js';
import { bytesText } from './lineage-drawing.js';
import { wholeNumber } from './option-values.js';
import { table } from './output.js';
import { ageOption } from './run-filters.js';
import { JSON_OPTION, type Verb, type VerbData } from './verb.js';
import { openWorkplace } from './workplace.js';

/** Objects that are named one by one. */
const SHOWN = 20;

const WHAT: Readonly<Record<Garbage['kind'], string>> = {
  blob: 'blobs that nothing names',
  checkpoint: 'checkpoints that nobody goes on from',
  turn: 'leases and claims of nodes that are done',
  metrics: 'metrics of runs that are gone',
  leftover: 'leftovers of writers that died',
};

const command = defineCommand({
  meta: { name: 'gc', description: 'Delete from the store what nothing needs any more' },
  args: {
    'dry-run': { type: 'boolean', description: 'say what would go; delete nothing' },
    'older-than': { type: 'string', valueHint: 'AGE', description: 'spare what is younger: 90m, 12h, 7d (default 1h)' },
    'keep-last': {
      type: 'string',
      valueHint: 'K',
      description: 'checkpoints of a training under way, beside the best (default 2)',
    },
    ...JSON_OPTION,
  },
  run: async ({ args, data }) => {
    const { output } = data as VerbData;
    const graceMs = ageOption('older-than', args['older-than'], 3_600_000);
    const keepLast = wholeNumber('keep-last', args['keep-last'], 2, 1);
    const { store } = openWorkplace().store;
    const runs = await listRunIds(store);
    const keepKeys = [...(await keysOfRuns(store, runs)), ...(await keysOfSweeps(store))];
    const plan = await planGc(store, { keepKeys, runs, graceMs, keepLast });
    const dryRun = args['dry-run'] === true;
    const kinds = (Object.keys(WHAT) as Garbage['kind'][]).map((kind) => {
      const of = plan.delete.filter((each) => each.kind === kind);
      return { kind, count: of.length, bytes: of.reduce((sum, { bytes }) => sum + bytes, 0) };
    });
    const done = dryRun ? { deleted: 0, bytes: 0 } : await runGc(plan);
    if (output.json) {
      const objects = plan.delete.map(({ kind, key, bytes }) => ({ kind, key, bytes }));
      output.document({ dryRun, ...done, kept: plan.keep, kinds, objects });
      return 0;
    }
    if (plan.delete.length === 0) {
      output.say(`Nothing to delete; ${plan.keep} blobs are needed or young.`);
      return 0;
    }
    output.say(
      table(
        kinds
          .filter(({ count }) => count > 0)
          .map(({ kind, count, bytes }) => [WHAT[kind], String(count), bytesText(bytes)]),
        [1, 2],
      ),
    );
    if (dryRun) {
      output.say(
        `\n${table(
          plan.delete.slice(0, SHOWN).map(({ key, bytes }) => [`  ${key}`, bytesText(bytes)]),
          [1],
        )}`,
      );
      if (plan.delete.length > SHOWN) output.say(`  ... and ${plan.delete.length - SHOWN} more; --json has all`);
      output.say(`\nNothing was deleted; ${plan.keep} blobs stay. lcoms gc deletes it.`);
    } else output.say(`\n${done.deleted} objects deleted, ${bytesText(done.bytes)}; ${plan.keep} blobs stay.`);
    return 0;
  },
});

/** Blobs that the records of runs name: the data that they were given, and how the working folder differed. */
async function keysOfRuns(store: ObjectStore, runs: readonly string[]): Promise<string[]> {
  const keys: string[] = [];
  for (const runId of runs) {
    // One that can't be read may name anything: nothing may go then.
    const { nodes, environment } = await readPlan(store, runId);
    for (const { files } of nodes) keys.push(...keysOf(files, environment));
  }
  return keys;
}

/** The same of the records of sweeps: most of their trials have no record yet. */
async function keysOfSweeps(store: ObjectStore): Promise<string[]> {
  const keys: string[] = [];
  for (const sweepId of await listSweepIds(store)) {
    const plan = await readSweepPlan(store, sweepId);
    if (plan) keys.push(...keysOf(plan.files, plan.environment));
  }
  return keys;
}

function keysOf(files: Readonly<Record<string, { digest: string }>>, environment?: RunEnvironment): string[] {
  const diff = environment?.git?.diff;
  return [...Object.values(files), ...(diff ? [diff] : [])].map(({ digest }) => blobKey(digest));
}

export const verb: Verb = {
  command,
  examples: [
    ['lcoms gc --dry-run', 'what would go, and how much it is'],
    ['lcoms gc --older-than 7d', 'delete it, but nothing of this week'],
  ],
  notes: [
    'Results stay, however old: a result goes with lcoms cache invalidate, and its blobs with the next gc.',
    'Of a training that is not done the best and the last checkpoints stay, so every run can be resumed.',
  ],
};
