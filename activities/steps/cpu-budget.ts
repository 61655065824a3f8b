import type { SavedCheckpoint } from '../../plugins/contract/context.js';
import type { StepContext, StepResult } from './context.js';

/**
 * CPU seconds (user + system, all threads of the compute process) that a search may take. The batch of evaluations that
 * passes the limit is the last. Attempts add up: checkpoints hold what was spent, so work that a crash lost is not counted.
 */
export class CpuBudget {
  private begun: NodeJS.CpuUsage | null = null;

  /**
   * @param limit seconds; null for none
   * @param before seconds spent by earlier attempts
   */
  constructor(
    readonly limit: number | null,
    private before = 0,
  ) {}

  start(): void {
    this.begun = process.cpuUsage();
  }

  stop(): void {
    this.before = this.seconds;
    this.begun = null;
  }

  get seconds(): number {
    if (this.begun === null) return this.before;
    const { user, system } = process.cpuUsage(this.begun);
    return this.before + (user + system) / 1e6;
  }

  get passed(): boolean {
    return this.limit !== null && this.seconds >= this.limit;
  }
}

/** The limit of `starts` starts together, by the step's option `cpuSeconds`, which is a start's; null without one. */
export function cpuLimit({ node }: Pick<StepContext, 'node'>, starts: number): number | null {
  const each = node.options['cpuSeconds'];
  return typeof each === 'number' ? each * starts : null;
}

/** What a checkpoint says that search number `at` of the node had spent. */
export function spentBefore(saved: Pick<SavedCheckpoint, 'info'> | null, at = 0): number {
  const spent = saved?.info['cpuSeconds'];
  const seconds: unknown = Array.isArray(spent) ? spent[at] : undefined;
  return typeof seconds === 'number' ? seconds : 0;
}

/**
 * For the manifest of a node with a CPU budget: what was spent, and that its bytes depend on the machine's speed. Nothing
 * without a budget. `note` is what the record of the node shows.
 */
export function budgetMetrics(budgets: readonly CpuBudget[]): StepResult['metrics'] {
  const limited = budgets.filter(({ limit }) => limit !== null);
  if (limited.length === 0) return {};
  const limit = limited.reduce((sum, b) => sum + (b.limit as number), 0);
  const spent = limited.reduce((sum, b) => sum + b.seconds, 0);
  const stopped = limited.some(({ passed }) => passed);
  const how = stopped ? `stopped after ${spent.toFixed(1)}` : `ended within it, after ${spent.toFixed(1)}`;
  return {
    cpuSecondsBudget: limit,
    cpuSeconds: spent,
    stoppedBy: stopped ? 'cpuSeconds' : 'evaluations',
    note: `a budget of ${limit} CPU seconds, ${how}: another run may give other bytes`,
  };
}
