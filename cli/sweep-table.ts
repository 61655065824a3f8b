import { parquetWriteBuffer } from 'hyparquet-writer';
import { pointText } from '../activities/sweep/trial-spec.js';
import type { TrialRecord } from '../schemas/sweep.js';
import { duration, table } from './output.js';

type Cell = string | number | boolean | null;

interface Column {
  name: string;
  values: Cell[];
}

/** Paths that the points set, and metrics of the reports: each in the order in which trials bring them up. */
export function namesIn(records: readonly TrialRecord[]): { paths: string[]; metrics: string[] } {
  return {
    paths: [...new Set(records.flatMap(({ point }) => Object.keys(point)))],
    metrics: [...new Set(records.flatMap(({ metrics }) => Object.keys(metrics)))],
  };
}

function columnsOf(records: readonly TrialRecord[]): Column[] {
  const { paths, metrics } = namesIn(records);
  const column = (name: string, value: (record: TrialRecord) => Cell): Column => ({ name, values: records.map(value) });
  return [
    column('trial', (r) => r.index),
    column('run', (r) => r.runId),
    column('state', (r) => r.state),
    ...paths.map((path) => column(path, ({ point }) => plain(point[path]))),
    column('seed', (r) => r.seed),
    ...metrics.map((name) => column(name, (r) => r.metrics[name] ?? null)),
    column('seconds', (r) => r.seconds),
    column('cpu_seconds', (r) => r.cpuSeconds),
    column('error', (r) => r.error?.code ?? null),
  ];
}

function plain(value: unknown): Cell {
  if (value === undefined || value === null) return null;
  return typeof value === 'object' ? JSON.stringify(value) : (value as Cell);
}

/** A line a trial; empty where a value is not known. */
export function trialsCsv(records: readonly TrialRecord[]): string {
  const columns = columnsOf(records);
  const cell = (value: Cell): string => {
    const text = value === null ? '' : String(value);
    return /[",\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
  };
  const lines = records.map((_, i) => columns.map(({ values }) => cell(values[i] ?? null)).join(','));
  return `${[columns.map(({ name }) => cell(name)).join(','), ...lines].join('\n')}\n`;
}

/** The same as Parquet. A column whose values are of several kinds is text. */
export function trialsParquet(records: readonly TrialRecord[]): Uint8Array {
  const columnData = columnsOf(records).map(({ name, values }) => {
    const kinds = new Set(values.filter((v) => v !== null).map((v) => typeof v));
    const kind = kinds.size === 1 ? [...kinds][0] : 'string';
    if (kind === 'number') return { name, type: 'DOUBLE' as const, nullable: true, data: values };
    if (kind === 'boolean') return { name, type: 'BOOLEAN' as const, nullable: true, data: values };
    return { name, type: 'STRING' as const, nullable: true, data: values.map((v) => (v === null ? null : String(v))) };
  });
  return new Uint8Array(parquetWriteBuffer({ columnData }));
}

/** Trials for people: at most `limit`, the objective if there is one. */
export function trialTable(records: readonly TrialRecord[], metric: string | undefined, limit = 40): string {
  const value = (r: TrialRecord): string => {
    const given = metric === undefined ? undefined : r.metrics[metric];
    return given === undefined || given === null
      ? '-'
      : typeof given === 'number'
        ? String(+given.toPrecision(6))
        : String(given);
  };
  const rows = records
    .slice(0, limit)
    .map((r) => [
      String(r.index),
      r.state,
      pointText(r.point),
      String(r.seed),
      ...(metric === undefined ? [] : [value(r)]),
      r.state === 'queued' ? '-' : duration(r.seconds),
      r.runId,
    ]);
  const head = ['trial', 'state', 'point', 'seed', ...(metric === undefined ? [] : [metric]), 'took', 'run'];
  const more = records.length > limit ? `\n... and ${records.length - limit} more` : '';
  return table([head, ...rows]) + more;
}
