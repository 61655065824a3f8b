import type { Answer } from '../activities/predict/answers.js';
import type { Prediction, SourceAccount } from '../schemas/prediction.js';
import { duration, table } from './output.js';

/** Seconds between two lines of progress where nobody watches. */
const LINE_INTERVAL = 10;
/** Share of the work before which the rate says little. */
const TOO_EARLY = 0.05;

/** The best so far and how the search stands, on stderr: stdout is for the result. */
export class PredictView {
  readonly #begun = performance.now();
  readonly #interactive = process.stderr.isTTY === true && process.env['TERM'] !== 'dumb';
  #best: Answer | null = null;
  #bestEnergy = Number.POSITIVE_INFINITY;
  #shown = 0;

  constructor(
    private readonly formula: string,
    private readonly tries: number,
  ) {}

  /** Seconds since the compound was begun. */
  get seconds(): number {
    return (performance.now() - this.#begun) / 1000;
  }

  answer(ranked: readonly Answer[]): void {
    const best = ranked[0];
    if (!best || (best === this.#best && best.energyPerAtom >= this.#bestEnergy)) return;
    this.#best = best;
    this.#bestEnergy = best.energyPerAtom;
    const { energyPerAtom, symmetry, crystal } = best;
    const { source, note } = best.origin;
    const facts = [
      `${energyPerAtom.toFixed(4)} eV/atom`,
      symmetry.symbol,
      `${crystal.species.length} atoms`,
      originOf(source, note),
    ];
    this.#line(`${this.formula}: best after ${duration(this.seconds)}: ${facts.join(', ')}`);
  }

  progress({ fraction, finished }: { fraction: number; finished: number }): void {
    const now = this.seconds;
    const left = fraction > TOO_EARLY ? `, about ${duration((now * (1 - fraction)) / fraction)} left` : '';
    const best = this.#best ? `, best ${this.#bestEnergy.toFixed(4)} eV/atom ${this.#best.symmetry.symbol}` : '';
    const tries = Number.isFinite(this.tries) ? `${finished}/${this.tries}` : `${finished}`;
    const line = `${this.formula}: ${tries} tries, ${Math.floor(100 * fraction)}%${best}${left}`;
    if (this.#interactive) process.stderr.write(`\r\u001b[0K${line}`);
    else if (now - this.#shown >= LINE_INTERVAL) {
      this.#shown = now;
      this.#line(line);
    }
  }

  end(): void {
    if (this.#interactive) process.stderr.write('\r\u001b[0K');
  }

  #line(text: string): void {
    process.stderr.write(`${this.#interactive ? '\r\u001b[0K' : ''}${text}\n`);
  }
}

const originOf = (source: string, note: string): string => (note === '' ? source : `${source} ${note}`);

/** What each source of candidates gave and cost. */
export function accountTable(accounts: readonly (SourceAccount & { cpuSeconds: number })[]): string {
  const head = ['source', 'proposed', 'relaxed', 'given up', 'structures', 'best eV/atom', 'CPU s'];
  const rows = accounts.map((a) => [
    a.source,
    `${a.proposed}`,
    `${a.relaxed}`,
    `${a.stopped}`,
    `${a.distinct}`,
    a.bestEnergyPerAtom?.toFixed(4) ?? '-',
    a.cpuSeconds.toFixed(1),
  ]);
  return table([head, ...rows], [1, 2, 3, 4, 5, 6]);
}

/** The answers of a compound as a table, and why to trust the first one or not. */
export function predictionTable(formula: string, predictions: readonly Prediction[], finished: number): string {
  const head = ['rank', 'eV/atom', 'meV above', 'precedents', 'space group', 'atoms', 'tries', 'source', 'file'];
  const rows = predictions.map((p) => [
    `${p.rank}`,
    p.energyPerAtom.toFixed(4),
    (1000 * p.energyAboveBest).toFixed(1),
    `${p.precedents ?? 0}`,
    p.spaceGroup,
    `${p.atoms}`,
    `${p.tries}/${finished}`,
    originOf(p.source ?? '', p.madeFrom ?? ''),
    p.file ?? '-',
  ]);
  const first = predictions[0]?.confidence;
  const why = first?.notes.map((text) => `  ${text}`) ?? [];
  return [formula, table([head, ...rows], [0, 1, 2, 3, 5, 6]), `confidence ${first?.level ?? 'none'}:`, ...why].join(
    '\n',
  );
}
