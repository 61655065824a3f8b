import { randomBytes } from 'node:crypto';
import path from 'node:path';
import { defineCommand } from 'citty';
import { makeRunPlan, planNodes, pluginsOf } from '../activities/dag/plan-run.js';
import { recordEnvironment } from '../activities/provenance/run-environment.js';
import { writePlan } from '../activities/run-files.js';
import { LCOMS_VERSION } from '../lib/version.js';
import type { ExperimentSpec } from '../schemas/experiment.js';
import { carryRun } from './carry-run.js';
import { warnOfCpuBudgets } from './cpu-budgets.js';
import { detach } from './detach.js';
import { interruptSignal } from './interrupt.js';
import { groupNodes } from './progress.js';
import { assertReplaceable } from './results.js';
import { defaultOutDir, rememberRun } from './run-home.js';
import { Session } from './session.js';
import { readSpec, SPEC_OPTIONS } from './spec.js';
import { warnOfTestOnly } from './test-only.js';
import { JSON_OPTION, type Verb, type VerbData } from './verb.js';
import { openRegistry, openWorkplace } from './workplace.js';

/** `<name>-<UTC yyyymmdd-hhmmss>-<4 hex>`: sorts by time within a name. */
function newRunId(spec: ExperimentSpec, now: Date): string {
  const [day = '', time = ''] = now.toISOString().replaceAll(/[-:]/g, '').split(/[T.]/);
  return `${spec.name}-${day}-${time}-${randomBytes(2).toString('hex')}`;
}

const command = defineCommand({
  meta: { name: 'run', description: 'Run an experiment and write its results' },
  args: {
    spec: { type: 'positional', required: true, description: 'experiment, YAML or JSON' },
    ...SPEC_OPTIONS,
    out: { type: 'string', valueHint: 'DIR', description: 'folder of the results (default lcoms-out/RUN-ID)' },
    detach: { type: 'boolean', description: 'start it, print its id, and let it go on in the background' },
    ...JSON_OPTION,
  },
  run: async ({ args, data }) => {
    const { output, repeated } = data as VerbData;
    const { spec, file } = readSpec(args.spec, args.data, repeated('set'));
    const registry = await openRegistry();
    // Everything that can be known wrong is known before anything is written or started.
    const planned = await planNodes(spec, registry, file, null);
    warnOfTestOnly(output, pluginsOf(planned, registry));
    warnOfCpuBudgets(output, planned);
    const now = new Date();
    const runId = newRunId(spec, now);
    const outDir = args.out === undefined ? defaultOutDir(runId) : path.resolve(args.out);
    assertReplaceable(outDir);
    const workplace = openWorkplace();
    const signal = interruptSignal(output);
    const session = await Session.open(workplace, output);
    try {
      const nodes = await planNodes(spec, registry, file, workplace.store);
      const plan = makeRunPlan(spec, registry, nodes, {
        runId,
        specFile: path.resolve(file),
        createdAt: now.toISOString(),
        lcoms: LCOMS_VERSION,
        environment: await recordEnvironment(workplace.store),
      });
      await writePlan(workplace.store.store, plan);
      rememberRun(workplace.home, runId, { outDir });
      if (args.detach) return await detach(workplace, session, plan, outDir, output);
      const steps = groupNodes(nodes).length;
      output.say(`${runId}: ${steps} steps, ${nodes.length} nodes. Ctrl-C interrupts; lcoms resume goes on.`);
      return await carryRun({ workplace, session, plan, outDir, output, again: false, signal });
    } finally {
      await session.close();
    }
  },
});

export const verb: Verb = {
  command,
  repeatable: ['set'],
  examples: [
    ['lcoms run experiments/quickstart.yaml', 'the whole pipeline, in minutes'],
    ['lcoms run my.yaml --data crystals.csv', 'train on your own crystals (CDVAE CSV, .gz too)'],
    ['lcoms run my.yaml --data minima.jsonl --out results/a', 'JSON lines; results into results/a'],
    ['lcoms run my.yaml --set surrogate.with.tau=0.5 --set seed=7', 'change the spec for this run'],
    ['lcoms run my.yaml --json > result.json', '{runId, state, outDir, files, metrics}'],
  ],
  notes: [
    'Steps whose inputs and options are as in an earlier run are not run again: they are shown as cached.',
    'The results are results.csv, results.json, table.txt, crystals/*.cif, timings.csv and plan.json.',
  ],
};
