import path from 'node:path';
import type { ErrorRecord, NodeRecord, RunPlan } from '../schemas/run.js';
import { exitCodeOf, INTERRUPTED, renderError } from './errors.js';
import { duration, type Output, table } from './output.js';
import { groupNodes, progressOf } from './progress.js';
import { type RunResults, writeResults } from './results.js';
import type { Workplace } from './workplace.js';

/** Failed nodes that are shown in full. */
const SHOWN_FAILURES = 3;

/** Writes and prints the results of a run that succeeded. Returns the exit code. */
export async function finishSucceeded(
  workplace: Workplace,
  output: Output,
  plan: RunPlan,
  nodes: readonly NodeRecord[],
  outDir: string,
): Promise<number> {
  const results = await writeResults(workplace.store, plan, nodes, outDir);
  if (output.json) {
    const { files, metrics } = results;
    output.document({ runId: plan.runId, state: 'succeeded', outDir, files, metrics });
    return 0;
  }
  if (results.table !== '') output.say(`\n${results.table.trimEnd()}`);
  if (results.figures !== '') output.say(`\n${results.figures.trimEnd()}`);
  if (results.costs !== '') output.say(`\n${results.costs}`);
  output.say(`\n${stepTable(plan, nodes)}`);
  output.say(`\n${fileList(results)}`);
  return 0;
}

/** Says which nodes failed, why, and the way on. Returns the exit code: that of the errors when they are of one class. */
export function finishFailed(
  output: Output,
  plan: RunPlan,
  nodes: readonly NodeRecord[],
  first: ErrorRecord | null,
): number {
  const failed = nodes.filter((node) => node.state === 'failed');
  const errors = failed.flatMap(({ id, error }) =>
    error ? [{ ...error, where: [`node ${id}`, error.where].filter(Boolean).join(': ') }] : [],
  );
  if (errors.length === 0 && first) errors.push({ ...first, where: first.where ?? '' });
  const codes = new Set(errors.map(({ code }) => exitCodeOf(code)));
  const exitCode = codes.size === 1 ? ([...codes][0] ?? 4) : 4;
  const error = errors[0] ?? { code: 'LCOMS_E_RUN_FAILED', message: 'the run ended without results' };
  if (output.json) output.document({ runId: plan.runId, state: 'failed', outDir: null, files: {}, metrics: {}, error });
  for (const shown of errors.slice(0, SHOWN_FAILURES)) output.warn(`\n${renderError(output, shown)}`);
  if (errors.length > SHOWN_FAILURES)
    output.warn(`\n... and ${errors.length - SHOWN_FAILURES} more nodes failed: lcoms show ${plan.runId}`);
  const again = exitCode === 2 ? 'Mend the input and run the spec again' : 'When the cause is mended';
  output.warn(
    `\nThe run failed; what is done is kept. ${again}, or try this run again as it is:\n  lcoms resume ${plan.runId}`,
  );
  return exitCode;
}

export function finishCancelled(output: Output, plan: RunPlan): number {
  if (output.json) output.document({ runId: plan.runId, state: 'cancelled', outDir: null, files: {}, metrics: {} });
  output.warn(`The run was cancelled. What is done is kept:\n  lcoms resume ${plan.runId}`);
  return 4;
}

export function finishPaused(output: Output, runId: string): number {
  if (output.json) output.document({ runId, state: 'paused', outDir: null, files: {}, metrics: {} });
  output.warn(`Paused; nothing is lost. To go on where it was:\n  lcoms resume ${runId}`);
  return INTERRUPTED;
}

/** `goesOn`: another process of this home carries the run on. */
export function finishInterrupted(output: Output, runId: string, goesOn: boolean): number {
  const state = goesOn ? 'running' : 'interrupted';
  if (output.json) output.document({ runId, state, outDir: null, files: {}, metrics: {} });
  output.warn(
    goesOn
      ? `No longer watched; another lcoms process goes on with it:\n  lcoms show ${runId}`
      : `Interrupted. To go on where it was:\n  lcoms resume ${runId}`,
  );
  return INTERRUPTED;
}

function stepTable(plan: RunPlan, nodes: readonly NodeRecord[]): string {
  const report = { runId: plan.runId, state: 'succeeded' as const, startedAt: '', nodes: [...nodes], error: null };
  const groups = progressOf(groupNodes(plan.nodes), { report, live: [] });
  return table(
    groups.map(({ id, step, total, cached, seconds }) => [
      id,
      id === step ? '' : step,
      total === 1 ? '' : `${total} nodes`,
      cached === total ? 'cached' : duration(seconds),
      cached > 0 && cached < total ? `${cached} cached` : '',
    ]),
    [3],
  );
}

function fileList({ outDir, files }: RunResults): string {
  const shown = (file: string): string => {
    const relative = path.relative(process.cwd(), file);
    return relative.startsWith('..') ? file : relative;
  };
  return table([
    ['results', `${shown(outDir)}${path.sep}`],
    ...Object.entries(files).map(([kind, file]) => [`  ${kind}`, path.relative(outDir, file)]),
  ]);
}
