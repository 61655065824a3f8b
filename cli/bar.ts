import { duration } from './output.js';

/** Seconds before anything is shown, and between two lines where nobody watches. */
const PATIENCE = 2;
const LINE_INTERVAL = 10;
const WIDTH = 24;

/**
 * Progress of a verb that takes longer than two seconds, on stderr, so that what it writes to stdout stays clean:
 * `[######..................]  25 %  encoded 120 crystals, about 12 s left`.
 */
export class Bar {
  readonly #begun = performance.now();
  #shown = 0;
  #drawn = false;

  constructor(private readonly stream: NodeJS.WriteStream = process.stderr) {}

  /**
   * @param fraction of the work that is done, 0 to 1
   * @param what has been done, e.g. `encoded 120 crystals`
   */
  show(fraction: number, what: string): void {
    const seconds = (performance.now() - this.#begun) / 1000;
    if (seconds < PATIENCE || fraction <= 0 || fraction >= 1) return;
    const left = `about ${duration((seconds * (1 - fraction)) / fraction)} left`;
    if (this.stream.isTTY === true && process.env['TERM'] !== 'dumb') {
      const full = Math.round(WIDTH * fraction);
      const bar = `[${'#'.repeat(full)}${'.'.repeat(WIDTH - full)}] ${String(Math.floor(100 * fraction)).padStart(3)} %`;
      this.stream.write(`\r\u001b[0K${bar}  ${what}, ${left}`);
      this.#drawn = true;
    } else if (seconds - this.#shown >= LINE_INTERVAL) {
      this.#shown = seconds;
      this.stream.write(`${what}, ${left}\n`);
    }
  }

  /** Takes the bar away, so that something else can be written. */
  clear(): void {
    if (this.#drawn) this.stream.write('\r\u001b[0K');
    this.#drawn = false;
  }
}
