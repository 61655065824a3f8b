import path from 'node:path';
import { defineCommand } from 'citty';
import { pluginsOf } from '../activities/dag/plan-run.js';
import { recordEnvironment } from '../activities/provenance/run-environment.js';
import { changesOf } from '../activities/sweep/changes.js';
import { type PreparedSweep, prepareSweep } from '../activities/sweep/prepare-sweep.js';
import { listSweepIds, readSweepPlan, writeSweepPlan } from '../activities/sweep/sweep-files.js';
import type { ArtifactStore } from '../lib/artifacts/artifact-store.js';
import { LcomsError } from '../schemas/errors.js';
import type { SweepPlan } from '../schemas/sweep.js';
import { carrySweep } from './carry-sweep.js';
import { spawnResume } from './detach.js';
import { interruptSignal } from './interrupt.js';
import { wholeNumber } from './option-values.js';
import { assertReplaceable } from './results.js';
import { outDirOf, rememberRun } from './run-home.js';
import { readSweep, SPEC_OPTIONS } from './spec.js';
import { warnOfTestOnly } from './test-only.js';
import { JSON_OPTION, type Verb, type VerbData } from './verb.js';
import { openRegistry, openWorkplace } from './workplace.js';

const command = defineCommand({
  meta: { name: 'sweep', description: 'Run an experiment at many points, or go on with that' },
  args: {
    spec: { type: 'positional', required: true, description: 'sweep, YAML or JSON' },
    ...SPEC_OPTIONS,
    concurrency: { type: 'string', valueHint: 'N', description: 'trials under way at a time' },
    out: { type: 'string', valueHint: 'DIR', description: 'folder of the table (default lcoms-out/SWEEP-ID)' },
    detach: { type: 'boolean', description: 'start it, print its id, and let it go on in the background' },
    ...JSON_OPTION,
  },
  run: async ({ args, data }) => {
    const { output, repeated } = data as VerbData;
    const concurrency = args.concurrency && wholeNumber('concurrency', args.concurrency, 4, 1);
    const sets = [...repeated('set'), ...(concurrency ? [`concurrency=${concurrency}`] : [])];
    const loaded = readSweep(args.spec, args.data, sets);
    const registry = await openRegistry();
    const workplace = openWorkplace();
    const { store } = workplace;
    // Everything that can be known wrong is known before anything is written or started.
    const paths = { specFile: path.resolve(loaded.file), baseFile: path.resolve(loaded.baseFile) };
    const run = { createdAt: new Date().toISOString(), ...paths };
    const checked = await prepareSweep(loaded, registry, null, run);
    const { sweepId } = checked.plan;
    await assertUnchanged(checked.plan, store);
    const outDir = args.out === undefined ? outDirOf(workplace.home, sweepId) : path.resolve(args.out);
    assertReplaceable(outDir);
    warnOfTestOnly(output, pluginsOf(checked.nodes, registry));
    const signal = interruptSignal(output);
    const plan = await launched(await prepareSweep(loaded, registry, store, run), store);
    rememberRun(workplace.home, sweepId, { outDir });
    if (args.detach) {
      const log = await spawnResume(workplace.home, sweepId);
      if (output.json) output.document({ sweepId, state: 'running', outDir, files: {}, trials: [], log });
      else output.say(`${sweepId} goes on in the background.\n  lcoms show ${sweepId}\n  ${log}`);
      return 0;
    }
    return await carrySweep({ workplace, plan, outDir, output, signal });
  },
});

/** Keeps time and surroundings of the first launch; limits are those of the newest. */
async function launched({ plan }: PreparedSweep, store: ArtifactStore): Promise<SweepPlan> {
  const before = await readSweepPlan(store.store, plan.sweepId);
  const environment = before?.environment ?? (await recordEnvironment(store));
  const now = { ...plan, environment, ...(before ? { createdAt: before.createdAt } : {}) };
  await writeSweepPlan(store.store, now);
  return now;
}

/** Throws LCOMS_E_SWEEP_CHANGED when the newest sweep of that name is another one. */
async function assertUnchanged(plan: SweepPlan, store: ArtifactStore): Promise<void> {
  const others: SweepPlan[] = [];
  for (const id of await listSweepIds(store.store)) {
    const other = id.startsWith(`${plan.name}-`) ? await readSweepPlan(store.store, id) : null;
    if (other?.name !== plan.name) continue;
    if (other.hash === plan.hash) return;
    others.push(other);
  }
  const newest = others.sort((a, b) => (a.createdAt < b.createdAt ? -1 : 1)).at(-1);
  if (!newest) return;
  const changes = changesOf(newest.spec, plan.spec);
  const files = Object.keys({ ...newest.files, ...plan.files }).filter(
    (file) => newest.files[file]?.digest !== plan.files[file]?.digest,
  );
  const lines = [...changes, ...files.map((file) => `${file}: other content`)];
  throw new LcomsError(
    'LCOMS_E_SWEEP_CHANGED',
    `${newest.sweepId} was launched from another spec of this name:\n${lines.slice(0, 10).join('\n')}`,
    {
      file: plan.specFile,
      hint: `Go on with the old one: lcoms resume ${newest.sweepId}. Or give the new one a name of its own: --set name=${plan.name}-2 (what both share is not made again).`,
    },
  );
}

export const verb: Verb = {
  command,
  repeatable: ['set'],
  examples: [
    ['lcoms plan experiments/tau-sweep.yaml', 'trials, what they share, what is there already'],
    ['lcoms sweep experiments/tau-sweep.yaml', 'run them; the same again joins it or goes on'],
    ['lcoms sweep my-sweep.yaml --concurrency 8 --json > sweep.json', '{sweepId, state, outDir, files, trials}'],
    ['lcoms sweep my-sweep.yaml --set stop.cpuHours=2', 'begin no more trials after two CPU hours'],
  ],
  notes: [
    'A sweep is the same as long as its spec and the files that it reads are: launched twice it is one sweep.',
    'The results are trials.csv, trials.parquet, trials.json and plan.json; docs/sweeps.md shows the form of a spec.',
  ],
};
