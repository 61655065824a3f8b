import { appendFileSync, existsSync, mkdirSync, readdirSync, readFileSync, truncateSync } from 'node:fs';
import path from 'node:path';
import { canonicalJson } from '../../../lib/hashing/canonical-json.js';
import type { Mat3, Vec3 } from '../../../schemas/crystal.js';
import { LcomsError } from '../../../schemas/errors.js';

/** A relaxed start: what the log holds, and, when it is kept, a row of the data set. */
export interface SimulatedRow {
  id: string;
  formula: string;
  start: string;
  species: string[];
  /** Rows, A. */
  lattice: Mat3;
  frac: Vec3[];
  /** Total energy by the scorer, eV/atom. */
  energyPerAtom: number;
  steps: number;
  converged: boolean;
  minDistanceRatio: number;
}

/** A start that gave no crystal. */
export interface FailedJob {
  id: string;
  error: string;
}

export type JobRecord = SimulatedRow | FailedJob;

const LOG = (out: string): string => `${path.basename(out)}.log-`;

/** File that shard i of n appends to while it works towards `out`. */
export function logPath(out: string, shard: { index: number; count: number }): string {
  return path.join(path.dirname(out), `${LOG(out)}${shard.index}of${shard.count}.jsonl`);
}

/** Everything that all shards have logged for `out`, by job id. `settings` must be those that the logs were made with. */
export function readLogs(out: string, settings: unknown): Map<string, JobRecord> {
  const records = new Map<string, JobRecord>();
  const folder = path.dirname(out);
  if (!existsSync(folder)) return records;
  for (const name of readdirSync(folder)
    .filter((f) => f.startsWith(LOG(out)))
    .sort()) {
    const file = path.join(folder, name);
    const [header, ...lines] = wholeLines(readFileSync(file, 'utf8'));
    if (header === undefined) continue;
    if (header !== canonicalJson(settings)) {
      throw new LcomsError(
        'LCOMS_E_CHECKPOINT_INCOMPATIBLE',
        `This simulation was begun with other settings: ${header}, now ${canonicalJson(settings)}.`,
        { file, hint: 'Give the same settings, another --out, or delete the log to begin again.' },
      );
    }
    for (const line of lines) {
      const record = JSON.parse(line) as JobRecord;
      records.set(record.id, record);
    }
  }
  return records;
}

/** Opens a shard's log for appending; a line that a killed process left unfinished is cut off. */
export function openLog(
  out: string,
  shard: { index: number; count: number },
  settings: unknown,
): (record: JobRecord) => void {
  const file = logPath(out, shard);
  mkdirSync(path.dirname(out), { recursive: true });
  if (existsSync(file)) {
    const text = readFileSync(file);
    truncateSync(file, text.lastIndexOf(0x0a) + 1);
  }
  if (!existsSync(file) || readFileSync(file).length === 0) appendFileSync(file, `${canonicalJson(settings)}\n`);
  return (record) => appendFileSync(file, `${JSON.stringify(record)}\n`);
}

function wholeLines(text: string): string[] {
  return text
    .slice(0, text.lastIndexOf('\n') + 1)
    .split('\n')
    .slice(0, -1);
}
