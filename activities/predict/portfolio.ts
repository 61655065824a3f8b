import type { Rng } from '../../lib/random/rng.js';
import type { Relaxation } from '../../lib/relax/relax.js';
import { convergenceGuard, solidGuard } from '../../lib/scoring/guards.js';
import type { Scorer } from '../../plugins/contract/scorer.js';
import type { Crystal } from '../../schemas/crystal.js';
import { LcomsError } from '../../schemas/errors.js';
import { Answers } from './answers.js';
import { cpuSeconds, Ledger } from './ledger.js';
import { polish } from './polish.js';
import { Rounds, type Try, together } from './round.js';
import { FIRST, Schedule } from './schedule.js';
import type { Outcome, SearchHooks, SearchOptions } from './search.js';
import type { CandidateSource, SourceName } from './sources/source.js';
import { Tally } from './tally.js';

/** Tries that are dealt at once. */
const ROUND = 6;

/**
 * Spends tries or CPU seconds over several sources of candidates: round by round, those of a round relaxed side by side and
 * the hopeless given up at rungs. The same seed and number of tries give the same answers on the same backend.
 */
export class Portfolio {
  private readonly ledger = new Ledger();
  private readonly tally = new Tally();
  private readonly answers: Answers;
  private readonly schedule: Schedule;
  private readonly rounds: Rounds;
  private readonly sizes = new Map<number, number>();
  /** eV/atom of everything that was relaxed to a sane minimum. */
  private readonly energies: number[] = [];
  private readonly begun = cpuSeconds();
  private asked = 0;
  private ended = 0;
  private outOfTime = false;

  /**
   * @param minima what random starts relax to is added to it, for the source that walks from there
   */
  constructor(
    private readonly sources: readonly CandidateSource[],
    scorer: Scorer,
    private readonly minima: Crystal[],
    private readonly rng: Rng,
    private readonly hooks: SearchHooks,
    private readonly options: SearchOptions,
  ) {
    const { fmax, maxSteps, method } = options;
    this.answers = new Answers((found) => polish(scorer, found, method, hooks.signal));
    this.schedule = new Schedule(sources.map(({ name }) => name));
    const enough = (): boolean => {
      this.progress();
      return this.overBudget();
    };
    this.rounds = new Rounds(scorer, this.energies, { fmax, maxSteps, method, signal: hooks.signal, enough });
  }

  async run(): Promise<Outcome> {
    try {
      await this.begin();
      while (!this.spent()) {
        const before = this.asked;
        const batch = await this.gather(this.schedule.next(Math.min(ROUND, this.options.tries - this.asked)));
        if (this.asked === before) break;
        await this.relaxAll(batch);
      }
    } catch (error) {
      if (!this.hooks.signal.aborted) throw error;
      return this.outcome(false);
    }
    this.hooks.onProgress?.({ fraction: 1, finished: this.ended });
    return this.outcome(true);
  }

  private overBudget(): boolean {
    const { budget } = this.options;
    if (budget !== null && cpuSeconds() - this.begun >= budget) this.outOfTime = true;
    return this.outOfTime;
  }

  private spent(): boolean {
    return this.overBudget() || this.asked >= this.options.tries;
  }

  /**
   * The tries that begin: equal shares of each kind of templates, one kind after the other; what one does not have is asked of the
   * others. Small cells first, and the first of all alone: an answer is on the screen before the others are made.
   */
  private async begin(): Promise<void> {
    const kinds = this.sources.filter(({ name }) => FIRST.includes(name));
    let left = this.schedule.first(this.options.tries);
    let alone = true;
    const relax = async (batch: Try[]): Promise<void> => {
      batch.sort((a, b) => a.crystal.species.length - b.crystal.species.length);
      if (alone && batch.length > 0) {
        await this.relaxAll(batch.splice(0, 1));
        alone = false;
      }
      await this.relaxAll(batch);
    };
    for (const [i, kind] of [...kinds, ...kinds].entries()) {
      const share = Math.ceil(left / Math.max(1, kinds.length - i));
      if (share <= 0 || this.spent()) continue;
      const batch: Try[] = [];
      left -= await this.ask(kind, share, batch);
      await relax(batch);
    }
    if (alone && !this.spent()) await relax(await this.gather(this.schedule.next(1)));
  }

  /** Asks each source for its tries; what one does not have, the next in turn is asked for. */
  private async gather(names: readonly SourceName[]): Promise<Try[]> {
    const batch: Try[] = [];
    let wanted = [...names];
    for (let fruitless = 0; wanted.length > 0 && fruitless < this.schedule.turn; ) {
      let missing = 0;
      for (const source of this.sources) {
        const count = wanted.filter((name) => name === source.name).length;
        if (count === 0 || this.spent()) continue;
        missing += count - (await this.ask(source, count, batch));
      }
      fruitless = missing === wanted.length ? fruitless + missing : 0;
      wanted = this.spent() ? [] : this.schedule.next(missing);
    }
    return batch;
  }

  /** @returns tries that the source has used */
  private async ask(source: CandidateSource, count: number, batch: Try[]): Promise<number> {
    const { name } = source;
    const begun = cpuSeconds();
    const account = this.ledger.of(name);
    const proposals = await source.propose(count, this.rng.fork(`${name}/${this.asked}`));
    this.ledger.spend(name, cpuSeconds() - begun);
    for (const proposal of proposals) {
      const id = this.asked++;
      account.proposed++;
      if (typeof proposal === 'string') {
        this.end(proposal);
        continue;
      }
      const atoms = proposal.crystal.species.length;
      this.sizes.set(atoms, (this.sizes.get(atoms) ?? 0) + 1);
      batch.push({ ...proposal, id, source: name });
    }
    return proposals.length;
  }

  private async relaxAll(batch: readonly Try[]): Promise<void> {
    for (const some of together(batch)) {
      if (this.outOfTime) {
        for (const _ of some) this.end('left when the budget was spent');
        continue;
      }
      const begun = cpuSeconds();
      const { results, doubles, atomEvaluations } = await this.rounds.relax(some);
      this.ledger.share(cpuSeconds() - begun, atomEvaluations);
      for (const [source, n] of atomEvaluations) this.ledger.of(source).atomEvaluations += n;
      for (const [i, result] of results.entries()) {
        const one = some[i] as Try;
        const first = doubles.get(i);
        if (first === undefined) this.end(await this.settle(one, result));
        else this.end(this.answers.join(first, one) ? null : 'began as one that came to nothing');
      }
    }
  }

  /** @returns in words why it came to nothing; null when a structure was found */
  private async settle({ id, source, note }: Try, result: Relaxation | LcomsError): Promise<string | null> {
    const account = this.ledger.of(source);
    const begun = cpuSeconds();
    if (result instanceof LcomsError) return 'not evaluated';
    if (result.reason === 'stopped') {
      if (this.outOfTime) return 'left when the budget was spent';
      account.stopped++;
      return 'given up: others are far lower';
    }
    if (!convergenceGuard(result).ok) return `relaxation: ${result.reason ?? 'not converged'}`;
    if (!solidGuard(result.crystal).ok) return 'relaxed to overlapping atoms or to no solid';
    const { crystal, energyPerAtom } = result;
    account.relaxed++;
    this.energies.push(energyPerAtom);
    if (source === 'random start' || source === 'symmetric start') this.minima.push(crystal);
    const added = await this.answers.add({ crystal, energyPerAtom, tries: [id], source, note });
    this.ledger.spend(source, cpuSeconds() - begun);
    if (added) this.hooks.onAnswer?.(this.answers.ranked());
    return null;
  }

  /** A try has ended: in nothing, for the reason given, or in a structure. */
  private end(nothing: string | null): void {
    if (nothing !== null) this.tally.count(nothing);
    this.ended++;
    this.progress();
  }

  private progress(): void {
    const { tries, budget } = this.options;
    const fraction = budget === null ? this.ended / tries : (cpuSeconds() - this.begun) / budget;
    this.hooks.onProgress?.({ fraction: Math.min(1, fraction), finished: this.ended });
  }

  private outcome(complete: boolean): Outcome {
    const answers = this.answers.ranked();
    return {
      answers,
      finished: this.ended,
      complete,
      rejected: this.tally.toJSON(),
      cells: [...this.sizes].sort(([a], [b]) => a - b).map(([atoms, tries]) => ({ atoms, tries })),
      accounts: this.ledger.accounts(answers),
      cpuSeconds: this.ledger.cpuSeconds,
    };
  }
}
