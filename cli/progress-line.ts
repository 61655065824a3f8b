import { duration, type Output } from './output.js';

/** Seconds between two lines of progress where nobody watches. */
const LINE_INTERVAL = 10;

/** `relaxed 12/60 starts, 20 s, about 1 min 05 s left`: in place on a terminal, a line every ten seconds elsewhere. */
export class ProgressLine {
  readonly #begun = performance.now();
  #first: { done: number; at: number } | null = null;
  #shown = 0;

  readonly #stream: NodeJS.WriteStream;
  readonly #interactive: boolean;
  readonly #after: number;

  /**
   * @param text what is done, e.g. `relaxed 12/60 starts`
   * @param options.stderr whether it goes to stderr, where results fill stdout; default: where messages go
   * @param options.after seconds before the first is shown: what is quick needs none. Default 0
   */
  constructor(
    output: Output,
    private readonly text: (done: number, total: number) => string,
    { stderr = false, after = 0 }: { stderr?: boolean; after?: number } = {},
  ) {
    this.#stream = stderr ? process.stderr : output.stream;
    this.#interactive = output.interactiveOn(this.#stream);
    this.#after = after;
    this.#shown = stderr ? after - LINE_INTERVAL : 0;
  }

  /** @param total NaN when it is not known */
  show(done: number, total: number): void {
    const now = (performance.now() - this.#begun) / 1000;
    this.#first ??= { done, at: now };
    if (now < this.#after || (!this.#interactive && done >= total)) return;
    const rate = (done - this.#first.done) / (now - this.#first.at);
    const left = rate > 0 && Number.isFinite(total) ? `, about ${duration((total - done) / rate)} left` : '';
    const line = `${this.text(done, total)}, ${duration(now)}${left}`;
    if (this.#interactive) this.#stream.write(`\r\u001b[0K${line}`);
    else if (now - this.#shown >= LINE_INTERVAL) {
      this.#shown = now;
      this.#stream.write(`${line}\n`);
    }
  }

  end(): void {
    if (this.#interactive) this.#stream.write('\r\u001b[0K');
  }
}
