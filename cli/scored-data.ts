import { createHash } from 'node:crypto';
import { createReadStream, statSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import type { ArgsDef } from 'citty';
import { cannotRead, formatOf } from '../lib/crystal/io/read.js';
import { streamCrystals } from '../lib/crystal/io/stream.js';
import { LcomsError } from '../schemas/errors.js';
import type { ScorerIdentity } from '../schemas/score.js';
import { type Batch, batchesOf, type InputRow } from './crystal-batches.js';
import { CRYSTAL_FILES } from './crystal-files.js';
import { INTERRUPTED } from './errors.js';
import { inOrder } from './in-order.js';
import { interruptSignal } from './interrupt.js';
import { SCORER_OPTIONS } from './open-scorer.js';
import { wholeNumber } from './option-values.js';
import { outFile } from './out-file.js';
import type { Output } from './output.js';
import { RowTally } from './row-tally.js';
import { ScoreLog } from './score-log.js';
import { ScorerPool } from './scorer-pool.js';
import type { RowResult, ScorerTask } from './scorer-tasks.js';

/** Options of every verb that makes a data set of the crystals of files by a scorer. */
export const SCORED_DATA_OPTIONS = {
  ...CRYSTAL_FILES,
  out: { type: 'string', valueHint: 'FILE', description: 'data set to write, .jsonl or .jsonl.gz (required)' },
  ...SCORER_OPTIONS,
  jobs: { type: 'string', valueHint: 'N', description: 'processes that score at the same time (default: one a core)' },
} as const satisfies ArgsDef;

/** What a person gave of them. */
export interface ScoredDataArgs {
  _: string[];
  out?: string | undefined;
  scorer?: string | undefined;
  with?: string | undefined;
  jobs?: string | undefined;
}

/** How a verb makes its data set. */
export interface ScoredData {
  /** For messages: its name, and what it does to a crystal. */
  verb: string;
  done: string;
  /** A name for the file, for the message that none is given. */
  example: string;
  /** What decides the rows beside the crystals and the scorer: a set that was begun goes on under the same alone. */
  settings?: object;
  task(rows: InputRow[]): ScorerTask & { type: 'data-row' | 'perturbed-row' };
  /** Says what was made. */
  report(made: { out: string; tally: RowTally; scorer: ScorerIdentity }): void;
}

/**
 * Makes a data set of the crystals of files, in their order, by several processes; its bytes do not depend on their number.
 * Interrupted or killed, the same command goes on where it stopped. Gives the exit code.
 * @throws LcomsError LCOMS_E_USAGE, LCOMS_E_FILE before anything is done; LCOMS_E_CHECKPOINT_INCOMPATIBLE when the file was
 *   begun with other settings; LCOMS_E_DATA_EMPTY when no row is left
 */
export async function makeScoredData(args: ScoredDataArgs, output: Output, work: ScoredData): Promise<number> {
  const files = args._;
  const out = outFile(work.verb, args.out, work.example);
  if (!/\.jsonl(\.gz)?$/.test(out)) {
    throw new LcomsError('LCOMS_E_USAGE', `--out is "${args.out}"; it must end in .jsonl or .jsonl.gz`);
  }
  const jobs = wholeNumber('jobs', args.jobs, os.availableParallelism(), 1);
  const inputs = await Promise.all(files.map((file) => inputOf(file, out)));
  const signal = interruptSignal(output);
  const pool = await ScorerPool.open(jobs, args.scorer, args.with);
  const tally = new RowTally(output);
  try {
    const settings = {
      files: inputs.map(({ name, sha256 }) => ({ name, sha256 })),
      scorer: pool.scorer,
      with: args.with ?? null,
      ...work.settings,
    };
    const log = await ScoreLog.open(out, settings, (results) => tally.add(results));
    const sources = files.map((name, i) => ({ name, input: name, format: undefined, size: inputs[i]?.size ?? 0 }));
    const batches = batchesOf(sources, ({ input }) => streamCrystals(input));
    const score = ({ rows }: Batch): Promise<RowResult[]> => pool.perform(work.task(rows));
    await scoreAll(batches, log, score, 2 * jobs, signal, tally);
    tally.end();
    if (tally.rows === 0) {
      await log.discard();
      throw new LcomsError(
        'LCOMS_E_DATA_EMPTY',
        `none of ${tally.leftOut} crystals could be ${work.done}; nothing is written`,
        { hint: tally.skippedText() || 'The lines above say why for each.' },
      );
    }
    await log.finish();
    work.report({ out, tally, scorer: pool.scorer });
    return 0;
  } catch (error) {
    tally.end();
    if (!signal.aborted) throw error;
    output.warn('Interrupted. The same command goes on where it stopped.');
    return INTERRUPTED;
  } finally {
    pool.close();
  }
}

/** Scores what the log does not hold yet and appends it in order; at most `ahead` batches are in memory. */
async function scoreAll(
  batches: AsyncIterable<Batch>,
  log: ScoreLog,
  score: (batch: Batch) => Promise<RowResult[]>,
  ahead: number,
  signal: AbortSignal,
  tally: RowTally,
): Promise<void> {
  const left = (async function* () {
    let skip = log.batches;
    for await (const batch of batches) if (skip-- <= 0) yield batch;
  })();
  for await (const { item, result } of inOrder(left, score, ahead, signal)) {
    log.append(result);
    tally.add(result);
    tally.show(item.share ?? 0);
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
