import { z } from 'zod';
import { decodeJson, encodeJson } from '../../lib/artifacts/json-object.js';
import type { ObjectStore } from '../../lib/artifacts/object-store.js';
import { LcomsError } from '../../schemas/errors.js';
import type { PruneRule, TrialOf } from '../../schemas/trial.js';
import { keptKey, rungKey, rungPrefix } from './sweep-files.js';

/** A trial at a rung: what it reported there, and what was decided from those that had been there. */
const rungSchema = z.strictObject({
  trial: z.number().int(),
  value: z.number(),
  prune: z.boolean(),
  /** Trials compared, this one included, and the value that it had to reach; null: too few to compare. */
  of: z.number().int(),
  threshold: z.number().nullable(),
});
type Rung = z.infer<typeof rungSchema>;

/** Whether a step of a training is one at which trials are compared. */
export function isRung({ rule, from, every, factor }: PruneRule, step: number): boolean {
  if (step < from) return false;
  if (rule === 'median') return (step - from) % every === 0;
  let rung = from;
  while (rung < step) rung *= factor;
  return rung === step;
}

/**
 * Whether a trial stops, from its value and those of others at the rung. Median: its value is worse than the median of
 * the others (Golovin et al., Google Vizier, KDD 2017). ASHA: it is not among the best 1/factor of all so far, at least
 * one (Li et al., MLSys 2020). A value that is no number is worse than any.
 */
export function decide(rule: PruneRule, value: number, others: readonly number[]): Omit<Rung, 'trial' | 'value'> {
  const sign = rule.goal === 'maximize' ? -1 : 1;
  const cost = (v: number): number => (Number.isFinite(v) ? sign * v : Number.MAX_VALUE);
  const costs = others.map(cost).sort((a, b) => a - b);
  const of = others.length + 1;
  if (rule.rule === 'median') {
    if (others.length < rule.after) return { prune: false, of, threshold: null };
    const middle = costs.length >> 1;
    const upper = costs[middle] as number;
    const median = costs.length % 2 === 1 ? upper : ((costs[middle - 1] as number) + upper) / 2;
    return { prune: cost(value) > median, of, threshold: sign * median };
  }
  const all = [...costs, cost(value)].sort((a, b) => a - b);
  const threshold = all[Math.max(1, Math.floor(of / rule.factor)) - 1] as number;
  return { prune: cost(value) > threshold, of, threshold: sign * threshold };
}

/** Watches the training of a trial: compares what it reports with other trials, and ends it when it lags behind. */
export class Pruner {
  readonly #abort = new AbortController();
  #looks: Promise<void> = Promise.resolve();

  constructor(
    private readonly trial: TrialOf & { prune: PruneRule },
    private readonly store: ObjectStore,
    private readonly log: (line: string) => void,
  ) {}

  /** Aborted with LCOMS_E_PRUNED. */
  get signal(): AbortSignal {
    return this.#abort.signal;
  }

  report(step: number, metrics: Readonly<Record<string, number>>): void {
    const value = metrics[this.trial.prune.metric];
    if (value === undefined || !isRung(this.trial.prune, step)) return;
    this.#looks = this.#looks
      .then(() => this.#look(step, value))
      // A store that is away for a moment costs a comparison, not the trial.
      .catch((error: unknown) => this.log(`warning: not compared at step ${step}: ${String(error)}`));
  }

  /** Resolves when every comparison is done; throws LCOMS_E_PRUNED if one ended the trial. */
  async settled(): Promise<void> {
    await this.#looks;
    this.#abort.signal.throwIfAborted();
  }

  async #look(step: number, value: number): Promise<void> {
    const { sweepId, index, prune } = this.trial;
    if (this.#abort.signal.aborted || (await this.store.has(keptKey(sweepId, index)))) return;
    const key = rungKey(sweepId, step, index);
    const others: number[] = [];
    for await (const { key: other } of this.store.list(rungPrefix(sweepId, step)))
      if (other !== key) others.push((await this.#read(other)).value);
    const finite = Number.isFinite(value) ? value : prune.goal === 'maximize' ? -Number.MAX_VALUE : Number.MAX_VALUE;
    const mine: Rung = { trial: index, value: finite, ...decide(prune, value, others) };
    // Written once: after a crash the decision stands.
    const created = await this.store.putIfAbsent(key, encodeJson(mine, 'the rung'));
    const decided = created === 'created' ? mine : await this.#read(key);
    if (!decided.prune) return;
    this.#abort.abort(
      new LcomsError(
        'LCOMS_E_PRUNED',
        `pruned at step ${step}: ${prune.metric} ${value} is behind ${decided.threshold} (${prune.rule} of ${decided.of} trials)`,
      ),
    );
  }

  async #read(key: string): Promise<Rung> {
    return decodeJson(await this.store.get(key), rungSchema, key, this.store.describe());
  }
}
