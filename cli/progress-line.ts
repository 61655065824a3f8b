import { duration, type Output } from './output.js';

/** Seconds between two lines of progress where nobody watches. */
const LINE_INTERVAL = 10;

/** `relaxed 12/60 starts, 20 s, about 1 min 05 s left`: in place on a terminal, a line every ten seconds elsewhere. */
export class ProgressLine {
  readonly #begun = performance.now();
  #first: { done: number; at: number } | null = null;
  #shown = 0;

  /** @param text what is done, e.g. `relaxed 12/60 starts` */
  constructor(
    private readonly output: Output,
    private readonly text: (done: number, total: number) => string,
  ) {}

  show(done: number, total: number): void {
    const now = (performance.now() - this.#begun) / 1000;
    this.#first ??= { done, at: now };
    const rate = (done - this.#first.done) / (now - this.#first.at);
    const left = rate > 0 ? `, about ${duration((total - done) / rate)} left` : '';
    const line = `${this.text(done, total)}, ${duration(now)}${left}`;
    if (this.output.interactive) this.output.stream.write(`\r\u001b[0K${line}`);
    else if (now - this.#shown >= LINE_INTERVAL) {
      this.#shown = now;
      this.output.say(line);
    }
  }

  end(): void {
    if (this.output.interactive) this.output.stream.write('\r\u001b[0K');
  }
}
