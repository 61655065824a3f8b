import { matchStructures } from '../../lib/crystal/matcher.js';
import type { Rng } from '../../lib/random/rng.js';
import { type Relaxation, type RelaxationStep, relaxMany } from '../../lib/relax/relax.js';
import { SuccessiveHalving } from '../../lib/relax/successive-halving.js';
import { convergenceGuard, solidGuard } from '../../lib/scoring/guards.js';
import type { Scorer } from '../../plugins/contract/scorer.js';
import type { Crystal } from '../../schemas/crystal.js';
import { LcomsError } from '../../schemas/errors.js';
import { Answers } from './answers.js';
import { cpuSeconds, Ledger } from './ledger.js';
import { polish } from './polish.js';
import { Schedule } from './schedule.js';
import type { Outcome, SearchHooks, SearchOptions } from './search.js';
import { ALIKE } from './sources/distinct-crystals.js';
import type { Candidate, CandidateSource, SourceName } from './sources/source.js';
import { Tally } from './tally.js';

/** Tries relaxed side by side, and atoms in all of them, unless one has more: an abort is heard within a second or two. */
const ROUND = 6;
const ROUND_ATOMS = 150;
/** eV/atom: starts that differ by more are relaxed on their own even if they look alike. */
const SAME_START = 0.005;

interface Try extends Candidate {
  id: number;
  source: SourceName;
}

/** A start as it was evaluated first. */
interface Start {
  id: number;
  crystal: Crystal;
  energyPerAtom: number;
}

/**
 * Spends tries or CPU seconds over several sources of candidates: round by round, those of a round relaxed side by side and
 * the hopeless given up at rungs. The same seed and number of tries give the same answers on the same backend.
 */
export class Portfolio {
  private readonly ledger = new Ledger();
  private readonly tally = new Tally();
  private readonly answers: Answers;
  private readonly schedule: Schedule;
  private readonly sizes = new Map<number, number>();
  private readonly starts: Start[] = [];
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
    private readonly scorer: Scorer,
    private readonly minima: Crystal[],
    private readonly rng: Rng,
    private readonly hooks: SearchHooks,
    private readonly options: SearchOptions,
  ) {
    this.answers = new Answers((found) => polish(scorer, found, hooks.signal));
    this.schedule = new Schedule(sources.map(({ name }) => name));
  }

  async run(): Promise<Outcome> {
    try {
      const first = await this.gather(this.schedule.first(this.options.tries));
      // Small cells first, and the first of them alone: an answer is on the screen before the others are relaxed.
      first.sort((a, b) => a.crystal.species.length - b.crystal.species.length);
      await this.relaxAll(first.splice(0, 1));
      await this.relaxAll(first);
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

  private spent(): boolean {
    const { tries, budget } = this.options;
    if (budget !== null && cpuSeconds() - this.begun >= budget) this.outOfTime = true;
    return this.outOfTime || this.asked >= tries;
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
        this.tally.count(proposal);
        this.end();
        continue;
      }
      const atoms = proposal.crystal.species.length;
      this.sizes.set(atoms, (this.sizes.get(atoms) ?? 0) + 1);
      batch.push({ ...proposal, id, source: name });
    }
    return proposals.length;
  }

  private async relaxAll(batch: readonly Try[]): Promise<void> {
    for (let at = 0; at < batch.length && !this.outOfTime; ) {
      const from = at;
      let atoms = 0;
      do atoms += (batch[at++] as Try).crystal.species.length;
      while (at < batch.length && atoms + (batch[at] as Try).crystal.species.length <= ROUND_ATOMS);
      await this.relaxTogether(batch.slice(from, at));
    }
  }

  private async relaxTogether(batch: readonly Try[]): Promise<void> {
    const { fmax, maxSteps } = this.options;
    const begun = cpuSeconds();
    const halving = new SuccessiveHalving(this.energies);
    /** Index of a try -> the earlier one that began as it does. */
    const doubles = new Map<number, number>();
    const cost = new Map<SourceName, number>();
    const results = await relaxMany(
      (crystals) => this.scorer.evaluate(crystals),
      batch.map(({ crystal }) => crystal),
      {
        fmax,
        maxSteps,
        signal: this.hooks.signal,
        onStep: ({ index, crystal }) => {
          const { source } = batch[index] as Try;
          cost.set(source, (cost.get(source) ?? 0) + crystal.species.length);
        },
        stop: (moving) => {
          this.progress();
          if (this.spent() && this.outOfTime) return new Set(moving.map(({ index }) => index));
          if (moving[0]?.step === 0) this.findDoubles(batch, moving, doubles);
          return new Set([...halving.hopeless(moving), ...doubles.keys()]);
        },
      },
    );
    this.ledger.share(cpuSeconds() - begun, cost);
    for (const [source, atomEvaluations] of cost) this.ledger.of(source).atomEvaluations += atomEvaluations;
    for (const [i, result] of results.entries()) {
      const one = batch[i] as Try;
      const first = doubles.get(i);
      if (first === undefined) await this.settle(one, result);
      else if (!this.answers.join(first, one)) this.tally.count('began as one that came to nothing');
      this.end();
    }
  }

  /** Of starts that agree only the first is relaxed. */
  private findDoubles(batch: readonly Try[], moving: readonly RelaxationStep[], doubles: Map<number, number>): void {
    for (const { index, crystal, energyPerAtom } of moving) {
      const same = this.starts.find(
        (other) =>
          Math.abs(other.energyPerAtom - energyPerAtom) <= SAME_START &&
          matchStructures(other.crystal, crystal, ALIKE).match,
      );
      const { id } = batch[index] as Try;
      if (same) doubles.set(index, same.id);
      else this.starts.push({ id, crystal, energyPerAtom });
    }
  }

  private async settle(one: Try, result: Relaxation | LcomsError): Promise<void> {
    const { id, source, note } = one;
    const account = this.ledger.of(source);
    if (result instanceof LcomsError) this.tally.count('not evaluated');
    else if (result.reason === 'stopped') {
      this.tally.count(this.outOfTime ? 'the budget was spent' : 'given up: others are far lower');
      if (!this.outOfTime) account.stopped++;
    } else if (!convergenceGuard(result).ok) this.tally.count(`relaxation: ${result.reason ?? 'not converged'}`);
    else if (!solidGuard(result.crystal).ok) this.tally.count('relaxed to overlapping atoms or to no solid');
    else {
      const { crystal, energyPerAtom } = result;
      account.relaxed++;
      this.energies.push(energyPerAtom);
      if (source === 'random start' || source === 'symmetric start') this.minima.push(crystal);
      if (await this.answers.add({ crystal, energyPerAtom, tries: [id], source, note }))
        this.hooks.onAnswer?.(this.answers.ranked());
    }
  }

  private end(): void {
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
