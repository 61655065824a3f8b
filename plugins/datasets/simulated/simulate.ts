import { mkdirSync, renameSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { wrap } from '../../../lib/crystal/lattice.js';
import { minimumDistanceRatio } from '../../../lib/crystal/neighbours.js';
import { Rng } from '../../../lib/random/rng.js';
import { type RelaxOptions, relax } from '../../../lib/relax/relax.js';
import type { Mat3, Vec3 } from '../../../schemas/crystal.js';
import { LcomsError } from '../../../schemas/errors.js';
import type { Scorer } from '../../contract/scorer.js';
import { type JobRecord, openLog, readLogs } from './job-log.js';
import { type SimulationJob, simulationJobs } from './jobs.js';
import { type Rejected, selectMinima } from './select-minima.js';

export interface SimulateOptions {
  /** e.g. `['NaCl', 'CaF2', 'Si']`. */
  formulas: readonly string[];
  /** Random starts for each formula, beside the prototypes known for it. */
  startsPerFormula: number;
  seed: number | string;
  /** The data set to write: JSON lines. Logs lie beside it while it is being made. */
  out: string;
  scorer: Pick<Scorer, 'identity' | 'evaluate'>;
  /** This process does every n-th job: `{index: i, count: n}`, i from 0. Default all of them. */
  shard?: { index: number; count: number };
  /** Default fmax 0.05 eV/A, 250 steps. */
  relaxation?: Pick<RelaxOptions, 'fmax' | 'maxSteps' | 'maxStep'>;
  signal?: AbortSignal;
  onProgress?(progress: { done: number; total: number; id: string }): void;
}

export interface SimulateSummary {
  /** Starts relaxed so far by all shards, and how many there are. */
  done: number;
  total: number;
  /** Given once every job of every shard is done and `out` is written. */
  written?: { rows: number; rejected: Rejected };
}

/**
 * Makes a data set of local minima: relaxes prototype and random starts of each formula and keeps the distinct, sound
 * ones. A killed run goes on where it stopped when it is called again with the same settings. Shards may run at the same
 * time; the one that finds all jobs done writes `out`, whose bytes depend on the settings alone.
 * @throws LcomsError LCOMS_E_FORMULA for a bad formula, LCOMS_E_CHECKPOINT_INCOMPATIBLE when `out` was begun with other
 * settings; the signal's reason when aborted.
 */
export async function simulate(options: SimulateOptions): Promise<SimulateSummary> {
  const { out, scorer, seed, startsPerFormula, signal, onProgress, shard = { index: 0, count: 1 } } = options;
  const { fmax = 0.05, maxSteps = 250, maxStep = 0.2 } = options.relaxation ?? {};
  if (!(shard.index >= 0 && shard.index < shard.count)) {
    throw new LcomsError('LCOMS_E_INPUT', `Shard ${shard.index} of ${shard.count} does not exist: the first is 0.`);
  }
  const jobs = simulationJobs(options.formulas, startsPerFormula, Rng.from(seed));
  const settings = { scorer: scorer.identity, seed, relaxation: { fmax, maxSteps, maxStep } };
  const known = readLogs(out, settings);
  const append = openLog(out, shard, settings);
  const mine = jobs.filter((_, j) => j % shard.count === shard.index);
  let done = mine.filter((job) => known.has(job.id)).length;
  for (const job of mine) {
    if (known.has(job.id)) continue;
    signal?.throwIfAborted();
    append(await run(job, scorer, { fmax, maxSteps, maxStep, ...(signal === undefined ? {} : { signal }) }));
    onProgress?.({ done: ++done, total: mine.length, id: job.id });
  }
  const records = readLogs(out, settings);
  const finished = jobs.flatMap((job) => records.get(job.id) ?? []);
  if (finished.length < jobs.length) return { done: finished.length, total: jobs.length };
  const { rows, rejected } = selectMinima(finished);
  writeWhole(out, rows.map((row) => `${JSON.stringify({ ...row, scorer: scorer.identity })}\n`).join(''));
  return { done: jobs.length, total: jobs.length, written: { rows: rows.length, rejected } };
}

async function run(job: SimulationJob, scorer: SimulateOptions['scorer'], options: RelaxOptions): Promise<JobRecord> {
  try {
    const result = await relax((crystals) => scorer.evaluate(crystals), job.crystal(), options);
    if (!Number.isFinite(result.energyPerAtom)) return { id: job.id, error: `relaxation failed: ${result.reason}` };
    const lattice = result.crystal.lattice.map((row) => row.map(rounded)) as Mat3;
    const frac = wrap(result.crystal.frac).map((f) => f.map(rounded) as Vec3);
    const { species } = result.crystal;
    return {
      id: job.id,
      formula: job.formula,
      start: job.start,
      species,
      lattice,
      frac,
      energyPerAtom: rounded(result.energyPerAtom),
      steps: result.steps,
      converged: result.converged,
      minDistanceRatio: rounded(minimumDistanceRatio({ lattice, species, frac })),
    };
  } catch (error) {
    if (!(error instanceof LcomsError)) throw error;
    return { id: job.id, error: `${error.code}: ${error.message}` };
  }
}

const rounded = (x: number): number => Number(x.toFixed(6));

/** A reader never sees half a file. */
function writeWhole(file: string, text: string): void {
  mkdirSync(path.dirname(file), { recursive: true });
  const partial = `${file}.${process.pid}.partial`;
  writeFileSync(partial, text);
  renameSync(partial, file);
}
