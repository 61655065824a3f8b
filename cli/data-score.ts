import { createHash } from 'node:crypto';
import { createReadStream, statSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { defineCommand } from 'citty';
import { cannotRead, formatOf } from '../lib/crystal/io/read.js';
import { streamCrystals } from '../lib/crystal/io/stream.js';
import { LcomsError } from '../schemas/errors.js';
import { type Batch, batchesOf } from './crystal-batches.js';
import { CRYSTAL_FILES } from './crystal-files.js';
import { INTERRUPTED } from './errors.js';
import { inOrder } from './in-order.js';
import { interruptSignal } from './interrupt.js';
import { SCORER_OPTIONS } from './open-scorer.js';
import { wholeNumber } from './option-values.js';
import { outFile } from './out-file.js';
import type { Output } from './output.js';
import { ProgressLine } from './progress-line.js';
import { ScoreLog } from './score-log.js';
import { ScorerPool } from './scorer-pool.js';
import type { RowResult } from './scorer-tasks.js';
import { JSON_OPTION, type Verb, type VerbData } from './verb.js';

/** Characters of a message that are shown: thousands of rows may say the same. */
const MESSAGE = 120;

const command = defineCommand({
  meta: { name: 'data score', description: 'Make a data set of crystals as they are, with energies by one scorer' },
  args: {
    ...CRYSTAL_FILES,
    out: { type: 'string', valueHint: 'FILE', description: 'data set to write, .jsonl or .jsonl.gz (required)' },
    ...SCORER_OPTIONS,
    jobs: {
      type: 'string',
      valueHint: 'N',
      description: 'processes that score at the same time (default: one a core)',
    },
    ...JSON_OPTION,
  },
  run: async ({ args, data }) => {
    const { output } = data as VerbData;
    const files = args._;
    const out = outFile('data score', args.out, 'scored.jsonl.gz');
    if (!/\.jsonl(\.gz)?$/.test(out)) {
      throw new LcomsError('LCOMS_E_USAGE', `--out is "${args.out}"; it must end in .jsonl or .jsonl.gz`);
    }
    const jobs = wholeNumber('jobs', args.jobs, os.availableParallelism(), 1);
    const inputs = await Promise.all(files.map((file) => inputOf(file, out)));
    const signal = interruptSignal(output);
    const pool = await ScorerPool.open(jobs, args.scorer, args.with);
    const tally = new Tally(output);
    try {
      const settings = {
        files: inputs.map(({ name, sha256 }) => ({ name, sha256 })),
        scorer: pool.scorer,
        with: args.with ?? null,
      };
      const log = await ScoreLog.open(out, settings, (results) => tally.add(results));
      const sources = files.map((name, i) => ({ name, input: name, format: undefined, size: inputs[i]?.size ?? 0 }));
      const batches = batchesOf(sources, ({ input }) => streamCrystals(input));
      await scoreAll(batches, log, pool, 2 * jobs, signal, tally);
      tally.end();
      const { rows, leftOut } = tally;
      if (rows === 0) {
        await log.discard();
        throw new LcomsError('LCOMS_E_DATA_EMPTY', `none of ${leftOut} crystals could be scored; nothing is written`, {
          hint: 'The lines above say why for each.',
        });
      }
      await log.finish();
      const { scorer } = pool;
      if (output.json) output.document({ out, crystals: rows + leftOut, rows, leftOut, scorer });
      else {
        output.say(`${out}: ${rows} of ${rows + leftOut} crystals, by ${scorer.name} ${scorer.version}.`);
        output.say(`lcoms run SPEC --set data.with.also=${args.out} trains on them beside the simulated set.`);
      }
      return 0;
    } catch (error) {
      tally.end();
      if (!signal.aborted) throw error;
      output.warn('Interrupted. The same command goes on where it stopped.');
      return INTERRUPTED;
    } finally {
      pool.close();
    }
  },
});

/** Scores what the log does not hold yet and appends it in order; at most `ahead` batches are in memory. */
async function scoreAll(
  batches: AsyncIterable<Batch>,
  log: ScoreLog,
  pool: ScorerPool,
  ahead: number,
  signal: AbortSignal,
  tally: Tally,
): Promise<void> {
  const left = (async function* () {
    let skip = log.batches;
    for await (const batch of batches) if (skip-- <= 0) yield batch;
  })();
  const score = ({ rows }: Batch): Promise<RowResult[]> => pool.perform({ type: 'data-row', rows });
  for await (const { item, result } of inOrder(left, score, ahead, signal)) {
    log.append(result);
    tally.add(result);
    tally.show(item.share ?? 0);
  }
}

/** Rows left out for one reason that are explained one by one; of the others the places are listed at the end. */
const SAID_IN_FULL = 10;

/** Counts results and names those that are left out. */
class Tally {
  rows = 0;
  leftOut = 0;
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
        continue;
      }
      this.leftOut++;
      this.#progress.end();
      const { file, line, error } = result;
      const why = error.message.length > MESSAGE ? `${error.message.slice(0, MESSAGE)}...` : error.message;
      const said = (this.#said.get(error.code) ?? 0) + 1;
      this.#said.set(error.code, said);
      if (said <= SAID_IN_FULL) this.output.warn(`left out ${file}:${line}  ${error.code}: ${why}`);
      else this.#more.set(error.code, [...(this.#more.get(error.code) ?? []), `${file}:${line}`]);
    }
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
}

/** Name, size and content of a file, before anything is done. Throws LCOMS_E_FILE, LCOMS_E_USAGE when it is `out`. */
async function inputOf(file: string, out: string): Promise<{ name: string; size: number; sha256: string }> {
  formatOf(file);
  if (path.resolve(file) === out) {
    throw new LcomsError('LCOMS_E_USAGE', `--out is "${file}", which is to be read; give another file to write`);
  }
  try {
    const hash = createHash('sha256');
    for await (const bytes of createReadStream(file)) hash.update(bytes as Buffer);
    return { name: path.basename(file), size: statSync(file).size, sha256: hash.digest('hex') };
  } catch (cause) {
    throw cannotRead(file, cause);
  }
}

export const verb: Verb = {
  command,
  variadic: true,
  examples: [
    ['lcoms data score mp_20.csv.gz --out mp20.jsonl.gz', 'energies by CHGNet (r2SCAN), total, eV/atom'],
    ["lcoms data score *.cif --out mine.jsonl --with '{model: 0.3.0}'", 'by the other weights'],
    ['lcoms run my.yaml --set data.with.also=mp20.jsonl.gz', 'train on them beside the simulated set'],
  ],
  notes: [
    'Crystals are not relaxed; rows keep the order of the input. What cannot be read or scored is named and left out;',
    'exit code 2 when nothing is left. Interrupted, it goes on when the same command is given again.',
  ],
};
