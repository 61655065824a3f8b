import {
  appendFileSync,
  createReadStream,
  createWriteStream,
  existsSync,
  mkdirSync,
  statSync,
  truncateSync,
} from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import { canonicalJson } from '../lib/hashing/canonical-json.js';
import { LcomsError } from '../schemas/errors.js';
import type { RowResult } from './scorer-tasks.js';

/**
 * The results of `lcoms data score` and `data perturb` while it is under way, beside the file that they become: `OUT.partial`, a line of
 * settings and a line a batch. A killed run leaves whole lines and perhaps a torn one, which is cut off.
 */
export class ScoreLog {
  readonly #file: string;

  private constructor(
    private readonly out: string,
    /** Batches that were there when it was opened. */
    readonly batches: number,
  ) {
    this.#file = logFile(out);
  }

  /**
   * Opens the log of `out`, or begins it.
   * @param onResults called with each batch that it holds
   * @throws LcomsError LCOMS_E_CHECKPOINT_INCOMPATIBLE when it was begun with other settings.
   */
  static async open(out: string, settings: unknown, onResults: (results: RowResult[]) => void): Promise<ScoreLog> {
    const file = logFile(out);
    const header = canonicalJson(settings);
    mkdirSync(path.dirname(out), { recursive: true });
    let lines = 0;
    let whole = 0;
    if (existsSync(file)) {
      const { size } = statSync(file);
      for await (const line of linesOf(file)) {
        const end = whole + Buffer.byteLength(line) + 1;
        if (end > size) break;
        whole = end;
        if (lines++ > 0) onResults(JSON.parse(line) as RowResult[]);
        else if (line !== header) {
          throw new LcomsError(
            'LCOMS_E_CHECKPOINT_INCOMPATIBLE',
            `this file was begun with other crystals, options or another scorer: ${line}, now ${header}`,
            { file, hint: 'Give the same ones, another --out, or delete the file to begin again.' },
          );
        }
      }
      truncateSync(file, whole);
    }
    if (lines === 0) appendFileSync(file, `${header}\n`);
    return new ScoreLog(out, Math.max(0, lines - 1));
  }

  append(results: readonly RowResult[]): void {
    appendFileSync(this.#file, `${JSON.stringify(results)}\n`);
  }

  /** Writes the rows to `out`, gzipped when it is called .gz, and removes the log. A reader never sees half a file. */
  async finish(): Promise<void> {
    const partial = `${this.out}.${process.pid}.partial`;
    // Node's gzip header holds no time and no name: the same rows give the same bytes.
    const zip = this.out.endsWith('.gz') ? [createGzip({ level: 9 })] : [];
    await pipeline([Readable.from(this.#rows()), ...zip, createWriteStream(partial)]);
    await rename(partial, this.out);
    await this.discard();
  }

  async discard(): Promise<void> {
    await rm(this.#file);
  }

  async *#rows(): AsyncGenerator<string> {
    let lines = 0;
    for await (const line of linesOf(this.#file)) {
      if (lines++ === 0) continue;
      const rows = (JSON.parse(line) as RowResult[]).flatMap((result) => ('row' in result ? [result.row] : []));
      if (rows.length > 0) yield rows.map((row) => `${JSON.stringify(row)}\n`).join('');
    }
  }
}

function logFile(out: string): string {
  return `${out}.partial`;
}

function linesOf(file: string): AsyncIterable<string> {
  return createInterface({ input: createReadStream(file), crlfDelay: Number.POSITIVE_INFINITY });
}
