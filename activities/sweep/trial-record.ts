import type { ArtifactStore } from '../../lib/artifacts/artifact-store.js';
import type { NodeManifest } from '../../schemas/artifact.js';
import type { RunState } from '../../schemas/run.js';
import type { Point, SweepPlan, TrialRecord } from '../../schemas/sweep.js';
import { trialId } from '../../workflows/sweep-contract.js';
import { readStatus } from '../run-files.js';
import { seedsOf } from './points.js';
import { seedOfTrial } from './trial-spec.js';

/**
 * How a trial stands by the record of its run. CPU time counts the nodes that the run made itself, so that over a sweep
 * every node counts once.
 */
export async function trialRecord(
  plan: SweepPlan,
  index: number,
  point: Point,
  store: ArtifactStore,
): Promise<TrialRecord> {
  const { spec, sweepId } = plan;
  const runId = trialId(sweepId, index);
  const status = await readStatus(store.store, runId);
  const seeds = seedsOf(spec);
  const nodes: Record<string, number> = {};
  let cpuSeconds = 0;
  let report: NodeManifest | null = null;
  for (const { state, key, step } of status?.nodes ?? []) {
    nodes[state] = (nodes[state] ?? 0) + 1;
    if (key === null || (state !== 'succeeded' && step !== 'report')) continue;
    const manifest = await store.findCommitted(key);
    if (state === 'succeeded') cpuSeconds += manifest?.provenance.cpuSeconds ?? 0;
    if (step === 'report') report = manifest;
  }
  return {
    version: 1,
    index,
    runId,
    point,
    seed: seedOfTrial(spec, point, seeds[index % seeds.length] ?? null),
    state: endState(status?.state),
    metrics: report?.metrics ?? {},
    report: report?.key ?? null,
    seconds: status?.seconds ?? 0,
    cpuSeconds,
    nodes,
    error: status?.error ?? null,
  };
}

/** A run whose workflow has ended without saying so was ended from outside. */
function endState(state: RunState | undefined): RunState {
  return state === undefined || state === 'running' || state === 'queued' ? 'cancelled' : state;
}
