import { readSweepStatus } from '../activities/sweep/sweep-files.js';
import type { SweepPlan } from '../schemas/sweep.js';
import { duration, type Output, table } from './output.js';
import { outDirOf } from './run-home.js';
import { peekStates, shownState } from './server-peek.js';
import { shownTrial } from './sweep-results.js';
import { trialTable } from './sweep-table.js';
import { readTrials } from './sweep-trials.js';
import type { Workplace } from './workplace.js';

/** Shows a sweep: how it stands and its trials. Returns the exit code. */
export async function showSweep(workplace: Workplace, plan: SweepPlan, output: Output): Promise<number> {
  const { sweepId, name, spec, specFile, createdAt } = plan;
  const status = await readSweepStatus(workplace.store.store, sweepId);
  const live = await peekStates(workplace);
  const state = shownState(status?.state ?? null, live.get(sweepId));
  const trials = (await readTrials(plan, workplace.store)).map((trial) =>
    trial.state === 'queued' && live.get(trial.runId) === 'running' ? { ...trial, state: 'running' as const } : trial,
  );
  const outDir = outDirOf(workplace.home, sweepId);
  const { counts = {}, cpuSeconds = 0, stopped = null, best = null } = status ?? {};
  if (output.json) {
    const shown = trials.map(shownTrial);
    const standing = { state, counts, cpuSeconds, stopped, best };
    output.document({ sweepId, name, ...standing, outDir, startedAt: createdAt, specFile, spec, trials: shown });
    return 0;
  }
  const done = Object.entries(counts).map(([of, n]) => `${n} ${of}`);
  output.say(
    table([
      ['sweep', sweepId],
      ['state', stopped === null ? state : `${state} (${stopped})`],
      ['started', `${createdAt.replace('T', ' ').slice(0, 19)} UTC`],
      ['trials', `${plan.trials}${done.length > 0 ? `: ${done.join(', ')}` : ''}`],
      ['CPU time', duration(cpuSeconds)],
      ['results', outDir],
    ]),
  );
  output.say(`\n${trialTable(trials, spec.objective?.metric)}`);
  return 0;
}
