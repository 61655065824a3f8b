import path from 'node:path';
import { pluginsOf } from '../activities/dag/plan-run.js';
import { NodePreviews, type SharedNode } from '../activities/sweep/node-previews.js';
import { Trials } from '../activities/sweep/plan-trials.js';
import { seedsOf } from '../activities/sweep/points.js';
import { prepareSweep } from '../activities/sweep/prepare-sweep.js';
import { pointText, seedOfTrial } from '../activities/sweep/trial-spec.js';
import type { Point, SweepPlan } from '../schemas/sweep.js';
import { trialId } from '../workflows/sweep-contract.js';
import { earlierDurations } from './estimate.js';
import { duration, type Output, table } from './output.js';
import { groupOf } from './progress.js';
import { readSweep } from './spec.js';
import { warnOfTestOnly } from './test-only.js';
import { openRegistry, openWorkplace } from './workplace.js';

/** A trial as it is planned. */
interface PlannedTrial {
  index: number;
  runId: string;
  point: Point;
  seed: number;
  nodes: number;
  hits: number;
}

const TRIALS_SHOWN = 30;

/** Shows what a sweep would do: its trials, the nodes that they share, what is there already. Returns the exit code. */
export async function planSweep(
  file: string,
  data: string | undefined,
  sets: readonly string[],
  output: Output,
): Promise<number> {
  const loaded = readSweep(file, data, sets);
  const registry = await openRegistry();
  const paths = { specFile: path.resolve(loaded.file), baseFile: path.resolve(loaded.baseFile) };
  const prepared = await prepareSweep(loaded, registry, null, { createdAt: new Date().toISOString(), ...paths });
  const { plan, points } = prepared;
  warnOfTestOnly(output, pluginsOf(prepared.nodes, registry));
  const { store } = openWorkplace();
  const previews = new NodePreviews(store);
  const trials: PlannedTrial[] = [];
  const uses = new Map<string, { shared: SharedNode; trials: number }>();
  const all = new Trials(plan, store.store, registry);
  for (const [p, point] of points.entries()) {
    for (const [s, seed] of seedsOf(plan.spec).entries()) {
      const index = p * seedsOf(plan.spec).length + s;
      const { nodes } = await all.runPlan(index, point);
      const shared = await previews.of(nodes);
      for (const one of shared) {
        const use = uses.get(one.shape);
        if (use) use.trials += 1;
        else uses.set(one.shape, { shared: one, trials: 1 });
      }
      const hits = shared.filter(({ manifest }) => manifest !== null).length;
      const runId = trialId(plan.sweepId, index);
      trials.push({ index, runId, point, seed: seedOfTrial(plan.spec, point, seed), nodes: nodes.length, hits });
    }
  }
  const estimate = await cpuEstimate([...uses.values()], plan, await earlierDurations(store.store, plan.name));
  if (output.json) {
    output.document({
      sweepId: plan.sweepId,
      total: plan.trials,
      trials: trials.map((trial) => ({ ...trial, status: trial.hits === trial.nodes ? 'hit' : 'miss' })),
      nodes: [...uses.values()].map(({ shared: { shape, node, key, manifest }, trials: count }) => ({
        id: node.id,
        step: node.step,
        plugin: node.plugin && `${node.plugin.id}@${node.plugin.version}`,
        shape,
        key,
        status: manifest ? 'hit' : 'miss',
        trials: count,
      })),
      cpuSeconds: estimate,
    });
    return 0;
  }
  say(output, plan, trials, [...uses.values()], estimate);
  return 0;
}

/** CPU time of what is to be made, by what the same steps took before; `complete`: every step has a precedent. */
async function cpuEstimate(
  uses: readonly { shared: SharedNode }[],
  { trials }: SweepPlan,
  earlier: ReadonlyMap<string, number>,
): Promise<{ seconds: number; complete: boolean }> {
  const made = new Map<string, number[]>();
  for (const { shared } of uses) {
    const spent = shared.manifest?.provenance.cpuSeconds;
    if (spent !== undefined) made.set(groupOf(shared.node.id), [...(made.get(groupOf(shared.node.id)) ?? []), spent]);
  }
  let seconds = 0;
  let complete = trials > 0;
  for (const { shared } of uses) {
    if (shared.manifest) continue;
    const known = made.get(groupOf(shared.node.id));
    const typical = known ? known.reduce((a, b) => a + b, 0) / known.length : earlier.get(groupOf(shared.node.id));
    if (typical === undefined) complete = false;
    else seconds += typical;
  }
  return { seconds, complete };
}

function say(
  output: Output,
  plan: SweepPlan,
  trials: readonly PlannedTrial[],
  uses: readonly { shared: SharedNode; trials: number }[],
  estimate: { seconds: number; complete: boolean },
): void {
  const head = ['trial', 'seed', 'nodes there', 'point'].map((title) => output.style('bold', title));
  const rows = trials
    .slice(0, TRIALS_SHOWN)
    .map(({ index, seed, nodes, hits, point }) => [String(index), String(seed), `${hits}/${nodes}`, pointText(point)]);
  output.say(table([head, ...rows], [0, 1, 2]));
  if (trials.length > TRIALS_SHOWN) output.say(`... and ${trials.length - TRIALS_SHOWN} more`);
  if (trials.length < plan.trials)
    output.say(`... and ${plan.trials - trials.length} whose points follow from what these give`);
  output.say(`\n${nodeTable(output, uses)}`);
  const misses = uses.filter(({ shared }) => shared.manifest === null).length;
  const about = estimate.complete ? `about ${duration(estimate.seconds)} of CPU time` : 'CPU time not known yet';
  const least =
    estimate.seconds > 0 && !estimate.complete ? `at least ${duration(estimate.seconds)} of CPU time` : about;
  const together = trials.reduce((sum, trial) => sum + trial.nodes, 0);
  output.say(
    `\n${plan.sweepId}: ${plan.trials} trials, ${uses.length} different nodes for ${together}; ${uses.length - misses} there already, ${misses} to make: ${misses === 0 ? 'nothing to do' : least}.`,
  );
}

/** A line a node of the pipeline: how many different ones the trials need, and how many there are already. */
function nodeTable(output: Output, uses: readonly { shared: SharedNode; trials: number }[]): string {
  const groups = new Map<string, { different: number; hits: number; most: number; plugin: string }>();
  for (const { shared, trials } of uses) {
    const id = groupOf(shared.node.id);
    const group = groups.get(id) ?? { different: 0, hits: 0, most: 0, plugin: shared.node.plugin?.id ?? '-' };
    group.different += 1;
    group.hits += shared.manifest ? 1 : 0;
    group.most = Math.max(group.most, trials);
    groups.set(id, group);
  }
  const head = ['node', 'different', 'there', 'shared by up to', 'plugin'].map((t) => output.style('bold', t));
  const rows = [...groups].map(([id, { different, hits, most, plugin }]) => [
    id,
    String(different),
    String(hits),
    `${most} ${most === 1 ? 'trial' : 'trials'}`,
    plugin,
  ]);
  return table([head, ...rows], [1, 2]);
}
