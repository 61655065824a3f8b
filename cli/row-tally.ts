import type { Output } from './output.js';
import { SKIP_REASONS, type SkipReason } from './perturbed-rows.js';
import { ProgressLine } from './progress-line.js';
import type { RowResult } from './scorer-tasks.js';

/** Characters of a message that are shown: thousands of rows may say the same. */
const MESSAGE = 120;
/** Rows left out for one reason that are explained one by one; of the others the places are listed at the end. */
const SAID_IN_FULL = 10;

/** Counts the results of a data set that is made, and names those that are left out. */
export class RowTally {
  rows = 0;
  /** All that have no row, whatever the reason. */
  leftOut = 0;
  /** Of those: reason -> how many. */
  readonly skipped: Partial<Record<SkipReason, number>> = {};
  /** Rows of each kind of perturbation. */
  readonly kinds: Record<string, number> = {};
  readonly #progress: ProgressLine;
  readonly #said = new Map<string, number>();
  readonly #more = new Map<string, string[]>();

  constructor(private readonly output: Output) {
    this.#progress = new ProgressLine(output, (done, total) => `scored ${done} of about ${total} crystals`);
  }

  add(results: readonly RowResult[]): void {
    for (const result of results) {
      if ('row' in result) {
        this.rows++;
        const { perturbation } = result.row;
        if (perturbation !== undefined) this.kinds[perturbation] = (this.kinds[perturbation] ?? 0) + 1;
        continue;
      }
      this.leftOut++;
      if ('skipped' in result) this.skipped[result.skipped] = (this.skipped[result.skipped] ?? 0) + 1;
      else this.#name(result);
    }
  }

  /** `left out: 3 of more atoms than --max-atoms, 1 perturbed already`; empty where none was skipped. */
  skippedText(): string {
    const parts = Object.entries(this.skipped).map(([reason, n]) => `${n} ${SKIP_REASONS[reason as SkipReason]}`);
    return parts.length > 0 ? `left out: ${parts.join(', ')}` : '';
  }

  show(share: number): void {
    const done = this.rows + this.leftOut;
    this.#progress.show(done, Math.max(done, Math.round(done / share)));
  }

  end(): void {
    this.#progress.end();
    for (const [code, places] of this.#more)
      this.output.warn(`left out ${places.length} more for ${code}: ${places.join(' ')}`);
    this.#more.clear();
  }

  #name({ file, line, error }: Extract<RowResult, { error: unknown }>): void {
    this.#progress.end();
    const why = error.message.length > MESSAGE ? `${error.message.slice(0, MESSAGE)}...` : error.message;
    const said = (this.#said.get(error.code) ?? 0) + 1;
    this.#said.set(error.code, said);
    if (said <= SAID_IN_FULL) this.output.warn(`left out ${file}:${line}  ${error.code}: ${why}`);
    else this.#more.set(error.code, [...(this.#more.get(error.code) ?? []), `${file}:${line}`]);
  }
}
