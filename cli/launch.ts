import { randomBytes } from 'node:crypto';
import path from 'node:path';
import { filesOf, makeRunPlan, planNodes, pluginsOf } from '../activities/dag/plan-run.js';
import { recordEnvironment } from '../activities/provenance/run-environment.js';
import { writePlan } from '../activities/run-files.js';
import { LCOMS_VERSION } from '../lib/version.js';
import type { PluginRegistry } from '../plugins/registry.js';
import type { ExperimentSpec } from '../schemas/experiment.js';
import type { RunPlan } from '../schemas/run.js';
import { carryRun } from './carry-run.js';
import { warnOfCpuBudgets } from './cpu-budgets.js';
import { detach } from './detach.js';
import { interruptSignal } from './interrupt.js';
import type { Output } from './output.js';
import { groupNodes } from './progress.js';
import { assertReplaceable } from './results.js';
import { defaultOutDir, rememberRun } from './run-home.js';
import { Session } from './session.js';
import { warnOfTestOnly } from './test-only.js';
import { openWorkplace } from './workplace.js';

export interface Launch {
  spec: ExperimentSpec;
  /** File of the spec, as given: the files that it names are looked for beside it. */
  file: string;
  registry: PluginRegistry;
  /** Folder of the results; default lcoms-out/RUN-ID. */
  out: string | undefined;
  /** Let it go on in the background. */
  detached: boolean;
  output: Output;
  /** The run that this one is forked from. */
  parent?: RunPlan;
}

/** `<name>-<UTC yyyymmdd-hhmmss>-<4 hex>`: sorts by time within a name. */
function newRunId(spec: ExperimentSpec, now: Date): string {
  const [day = '', time = ''] = now.toISOString().replaceAll(/[-:]/g, '').split(/[T.]/);
  return `${spec.name}-${day}-${time}-${randomBytes(2).toString('hex')}`;
}

/** Plans a new run, starts it, and brings it to its end. Returns the exit code. */
export async function launch({ spec, file, registry, out, detached, output, parent }: Launch): Promise<number> {
  // Everything that can be known wrong is known before anything is written or started.
  const planned = await planNodes(spec, registry, file, null, filesOf(parent?.nodes ?? [], registry));
  warnOfTestOnly(output, pluginsOf(planned, registry));
  warnOfCpuBudgets(output, planned);
  const now = new Date();
  const runId = newRunId(spec, now);
  const outDir = out === undefined ? defaultOutDir(runId) : path.resolve(out);
  assertReplaceable(outDir);
  const workplace = openWorkplace();
  const signal = interruptSignal(output);
  const session = await Session.open(workplace, output);
  try {
    const nodes = await planNodes(spec, registry, file, workplace.store, filesOf(parent?.nodes ?? [], registry));
    const plan = makeRunPlan(spec, registry, nodes, {
      runId,
      specFile: path.resolve(file),
      createdAt: now.toISOString(),
      lcoms: LCOMS_VERSION,
      environment: await recordEnvironment(workplace.store),
      ...(parent === undefined ? {} : { parent: parent.runId }),
    });
    await writePlan(workplace.store.store, plan);
    rememberRun(workplace.home, runId, { outDir });
    if (detached) return await detach(workplace, session, plan, outDir, output);
    const steps = groupNodes(nodes).length;
    output.say(`${runId}: ${steps} steps, ${nodes.length} nodes. Ctrl-C interrupts; lcoms resume goes on.`);
    return await carryRun({ workplace, session, plan, outDir, output, again: false, signal });
  } finally {
    await session.close();
  }
}
