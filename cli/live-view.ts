import { type Remaining, remainingText } from './estimate.js';
import { duration, type Output, visible } from './output.js';
import {
  attemptText,
  countText,
  curveText,
  fractionOf,
  type GroupProgress,
  metricsText,
  type NodeGroup,
  progressOf,
  type Snapshot,
} from './progress.js';
import type { RunView } from './run-view.js';

const SPINNER = '⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏';
const BAR = 20;
const HIDE_CURSOR = '\u001b[?25l';
const SHOW_CURSOR = '\u001b[?25h';

/** A line a shared node, a line a fan-out, drawn over the last ones. */
export class LiveView implements RunView {
  readonly #width: number;
  readonly #begun = new Map<string, number>();
  #drawn = 0;
  #frame = 0;
  #lines: string[] = [];

  constructor(
    private readonly output: Output,
    private readonly title: string,
    private readonly groups: readonly NodeGroup[],
    /** Say which worker has a node. */
    private readonly withWorkers = false,
  ) {
    this.#width = Math.max(...groups.map(({ id }) => id.length));
    output.stream.write(HIDE_CURSOR);
    process.once('exit', this.#restore);
  }

  readonly #restore = (): void => {
    this.output.stream.write(SHOW_CURSOR);
  };

  update(snapshot: Snapshot, elapsed: number, left: Remaining | null): void {
    this.#frame += 1;
    const groups = progressOf(this.groups, snapshot);
    const finished = groups.every(({ done, failed, cancelled, total }) => done + failed + cancelled === total);
    const known = finished ? '' : remainingText(left);
    const rest = finished ? '' : `, ${known || 'time left not known yet'}`;
    this.#lines = [
      `${this.output.style('bold', this.title)}  ${duration(elapsed)}${rest}`,
      ...groups.map((group) => this.#line(group, elapsed)),
    ];
    this.#draw();
  }

  note(line: string): void {
    this.#erase();
    this.output.stream.write(`${line}\n`);
    this.#draw();
  }

  end(): void {
    this.#restore();
    process.off('exit', this.#restore);
  }

  #line(group: GroupProgress, elapsed: number): string {
    const { id, total, done, cached, failed, cancelled, running, stale, attempt, seconds, progress } = group;
    const name = id.padEnd(this.#width);
    const style = this.output.style.bind(this.output);
    const count = total === 1 ? '' : `${done}/${total}`;
    if (failed > 0)
      return `${style('red', '✗')} ${name}  ${style('red', 'failed')} ${total === 1 ? '' : `${failed} of ${total}`}`;
    if (done === total) {
      const how =
        cached === total
          ? style('cyan', 'cached')
          : cached > 0
            ? `${duration(seconds)}, ${cached} cached`
            : duration(seconds);
      return `${style('green', '✓')} ${name}  ${how}${count === '' ? '' : style('dim', `  ${count}`)}`;
    }
    if (cancelled > 0) return style('dim', `- ${name}  not run`);
    const again = attempt > 1 ? `attempt ${attempt}` : '';
    if (stale > 0 && running === 0)
      return `${style('red', '?')} ${name}  ${style('red', 'stale')}: its worker was lost; waiting for another  ${again}`;
    if (running === 0 && done === 0) return style('dim', `· ${name}  waiting${count === '' ? '' : ` ${count}`}`);
    if (!this.#begun.has(id)) this.#begun.set(id, elapsed);
    const fraction = fractionOf(group);
    const bar = '█'.repeat(Math.round(fraction * BAR)).padEnd(BAR, '░');
    const spinner = SPINNER[this.#frame % SPINNER.length] ?? '';
    const facts = [
      `${Math.floor(fraction * 100)}%`.padStart(4),
      count === '' ? countText(progress) : count,
      again,
      duration(elapsed - (this.#begun.get(id) ?? elapsed)),
      attemptText(group, this.withWorkers),
      curveText(group),
      style('dim', metricsText(progress)),
    ];
    return `${style('yellow', spinner)} ${name}  ${style('cyan', bar)} ${facts.filter((fact) => fact !== '').join('  ')}`;
  }

  #draw(): void {
    const columns = this.output.stream.columns || 100;
    const rows = this.output.stream.rows || 50;
    this.#erase();
    // A line that wraps, or a frame taller than the screen, could not be drawn over.
    const lines = this.#lines.slice(0, Math.max(1, rows - 1)).map((line) => clip(line, columns - 1));
    this.output.stream.write(lines.map((line) => `${line}\n`).join(''));
    this.#drawn = lines.length;
  }

  #erase(): void {
    if (this.#drawn > 0) this.output.stream.write(`\u001b[${this.#drawn}A\u001b[0J`);
    this.#drawn = 0;
  }
}

/** A line of at most `columns` characters; one with colours that is too long loses them. */
function clip(line: string, columns: number): string {
  if (visible(line) <= columns) return line;
  return line.replace(/\u001b\[[0-9;]*m/g, '').slice(0, columns);
}
