import { once } from 'node:events';
import { styleText } from 'node:util';

type Style = 'bold' | 'dim' | 'red' | 'green' | 'yellow' | 'cyan';

/** Where a verb prints: results to stdout, everything else to stderr as soon as `--json` promises one document there. */
export class Output {
  constructor(
    readonly json: boolean,
    private readonly env: NodeJS.ProcessEnv = process.env,
  ) {}

  /** Stream of messages and progress. */
  get stream(): NodeJS.WriteStream {
    return this.json ? process.stderr : process.stdout;
  }

  /** Whether a person watches: then progress is drawn in place. */
  get interactive(): boolean {
    return this.interactiveOn(this.stream);
  }

  interactiveOn(stream: NodeJS.WriteStream): boolean {
    return stream.isTTY === true && this.env['TERM'] !== 'dumb';
  }

  /** Resolves once the reader of stdout has caught up, so that results of a long stream do not pile up here. */
  async drained(): Promise<void> {
    if (process.stdout.writableNeedDrain) await once(process.stdout, 'drain');
  }

  /** A line for the reader; never part of a JSON result. */
  say(line = ''): void {
    this.stream.write(`${line}\n`);
  }

  /** On a terminal: a line about what is being waited for, which the returned function takes away again. */
  waiting(line: string): () => void {
    if (!this.interactive) return () => undefined;
    this.stream.write(this.style('dim', line));
    return () => this.stream.write('\r\u001b[0K');
  }

  /** A line that matters even when the result is all one wants. */
  warn(line: string): void {
    process.stderr.write(`${line}\n`);
  }

  /** The JSON result: one document, or one a line where the verb says so. */
  document(value: unknown, indent = 2): void {
    process.stdout.write(`${JSON.stringify(value, null, indent)}\n`);
  }

  /** Colours only where a terminal shows them and nobody forbids them (NO_COLOR). */
  style(style: Style, text: string, stream: NodeJS.WriteStream = this.stream): string {
    const wanted = stream.isTTY === true && !this.env['NO_COLOR'] && this.env['TERM'] !== 'dumb';
    return wanted ? styleText(style, text, { validateStream: false }) : text;
  }
}

/** Cells of a table; `right` columns (by index) hold numbers. The widths fit the content; no trailing spaces. */
export function table(rows: readonly (readonly string[])[], right: readonly number[] = []): string {
  const widths: number[] = [];
  for (const row of rows) for (const [i, cell] of row.entries()) widths[i] = Math.max(widths[i] ?? 0, visible(cell));
  return rows
    .map((row) =>
      row
        .map((cell, i) => {
          const space = ' '.repeat((widths[i] ?? 0) - visible(cell));
          return right.includes(i) ? space + cell : cell + space;
        })
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

/** Rows of a table that come one after the other: columns are as wide as those before needed. */
export class RunningTable {
  readonly #widths: number[] = [];

  /** @param right columns (by index) that hold numbers */
  constructor(private readonly right: readonly number[]) {}

  line(row: readonly string[]): string {
    return row
      .map((cell, i) => {
        const width = Math.max(this.#widths[i] ?? 0, visible(cell));
        // A long remark at the end of a row is no column.
        if (i < row.length - 1 || this.right.includes(i)) this.#widths[i] = width;
        const space = ' '.repeat(width - visible(cell));
        return this.right.includes(i) ? space + cell : cell + space;
      })
      .join('  ')
      .trimEnd();
  }
}

const ESCAPES = /\u001b\[[0-9;]*m/g;

/** Characters that a line takes on a terminal. */
export function visible(text: string): number {
  return text.replace(ESCAPES, '').length;
}

/** `0.4 s`, `12 s`, `3 min 05 s`, `2 h 10 min`. */
export function duration(seconds: number): string {
  if (seconds < 9.95) return `${seconds.toFixed(1)} s`;
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole} s`;
  const pad = (n: number): string => String(n).padStart(2, '0');
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${pad(whole % 60)} s`;
  return `${Math.floor(whole / 3600)} h ${pad(Math.floor((whole % 3600) / 60))} min`;
}
