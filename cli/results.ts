import { existsSync, readdirSync } from 'node:fs';
import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { ScoreRow } from '../activities/steps/score-row.js';
import type { ArtifactStore } from '../lib/artifacts/artifact-store.js';
import type { NodeManifest } from '../schemas/artifact.js';
import { LcomsError } from '../schemas/errors.js';
import type { NodeRecord, RunPlan } from '../schemas/run.js';
import { costsCsv, costTable, type RandomStartsRow } from './cost-table.js';
import { curveFiles } from './curve-files.js';
import { equalTime, equalTimeCsv, equalTimeTable } from './equal-time.js';
import { figuresOf, learningCurvesOf } from './figure-files.js';
import { methodCosts, startSeconds, trainingSeconds } from './method-cost.js';

/** What a run left for people. */
export interface RunResults {
  outDir: string;
  /** By kind (csv, json, parquet, table, timings, plan; crystals, figures, training: folders): absolute paths. */
  files: Record<string, string>;
  metrics: NodeManifest['metrics'];
  /** table.txt, '' when the report has none. */
  table: string;
  /** figures.txt, '' for a run without figures. */
  figures: string;
  /** What an answer of each method costs, and methods at equal CPU time, for people; '' when the run has no methods. */
  costs: string;
}

/** Written last into a folder of results: tells it from a folder that holds something else. */
const MARKER = 'plan.json';
const NAMES: Readonly<Record<string, string>> = {
  'results.csv': 'csv',
  'results.json': 'json',
  'results.parquet': 'parquet',
  'table.txt': 'table',
};

/** @throws LcomsError LCOMS_E_FILE when writing the results there would remove something else. */
export function assertReplaceable(outDir: string): void {
  if (!existsSync(outDir)) return;
  let entries: string[];
  try {
    entries = readdirSync(outDir);
  } catch {
    throw new LcomsError('LCOMS_E_FILE', 'the results need a folder, this is a file', { file: outDir });
  }
  if (entries.length === 0 || entries.includes(MARKER)) return;
  throw new LcomsError('LCOMS_E_FILE', 'the folder holds something else than results of lcoms', {
    file: outDir,
    hint: 'Give --out a new or empty folder, or one with earlier results, which are then replaced.',
  });
}

/**
 * Writes the blobs of the report, figures, learning curves, timings.csv, costs.csv, equal-time.csv, curves of groups and plan.json to
 * `outDir`: all of them or none.
 */
export async function writeResults(
  store: ArtifactStore,
  plan: RunPlan,
  nodes: readonly NodeRecord[],
  outDir: string,
): Promise<RunResults> {
  assertReplaceable(outDir);
  const manifests = new Map<string, NodeManifest>();
  for (const { id, key } of nodes) {
    const manifest = key === null ? null : await store.findCommitted(key);
    if (manifest) manifests.set(id, manifest);
  }
  const report = plan.nodes.filter(({ step }) => step === 'report').at(-1);
  const made = report && manifests.get(report.id);
  const temporary = `${outDir}.${process.pid}.partial`;
  await rm(temporary, { recursive: true, force: true });
  await mkdir(temporary, { recursive: true });
  const files: Record<string, string> = {};
  let table = '';
  let found: ReportedResults = {};
  const start = startSeconds(plan.nodes, manifests);
  const costs = methodCosts(plan.nodes, manifests);
  const drawn = await figuresOf(store, plan, manifests);
  const put = async (name: string, bytes: Uint8Array | string): Promise<string> => {
    await mkdir(path.dirname(path.join(temporary, name)), { recursive: true });
    await writeFile(path.join(temporary, name), bytes);
    return path.join(outDir, name);
  };
  try {
    for (const blob of made?.artifact.blobs ?? []) {
      const bytes = await store.getBlob(blob);
      const isCrystal = blob.name.endsWith('.cif');
      const file = await put(isCrystal ? path.join('crystals', blob.name) : blob.name, bytes);
      if (isCrystal) files['crystals'] = path.dirname(file);
      else files[NAMES[blob.name] ?? blob.name] = file;
      if (blob.name === 'table.txt') table = Buffer.from(bytes).toString('utf8');
      if (blob.name === 'results.json') found = JSON.parse(Buffer.from(bytes).toString('utf8')) as ReportedResults;
    }
    for (const [name, bytes] of drawn.files)
      files['figures'] = path.dirname(await put(path.join('figures', name), bytes));
    for (const [name, text] of await learningCurvesOf(store, manifests))
      files['training'] = path.dirname(await put(path.join('training', name), text));
    files['timings'] = await put('timings.csv', timings(nodes, manifests));
    if (costs.length > 0) files['costs'] = await put('costs.csv', costsCsv(costs, start));
    const compared = equalTime(costs, start, found.rows ?? [], compoundsOf(found));
    if (compared) files['equalTime'] = await put('equal-time.csv', equalTimeCsv(compared));
    const curves = await curveFiles(plan.nodes, manifests, report, found.rows ?? []);
    for (const [name, text] of curves.files) {
      const file = await put(name, text);
      if (name.endsWith('.csv')) files[path.basename(name, '.csv')] = file;
    }
    files['plan'] = await put(MARKER, `${JSON.stringify(plan, null, 2)}\n`);
    await swap(temporary, outDir);
    const shown = [
      costTable(costs, found.randomStarts ?? [], start),
      equalTimeTable(compared, trainingSeconds(plan.nodes, manifests)),
      curves.words,
    ];
    return {
      outDir,
      files,
      metrics: made?.metrics ?? {},
      table,
      figures: drawn.words,
      costs: shown.filter(Boolean).join('\n\n'),
    };
  } finally {
    await rm(temporary, { recursive: true, force: true });
  }
}

/** What is read of results.json; earlier versions have less. */
interface ReportedResults {
  randomStarts?: RandomStartsRow[];
  rows?: ScoreRow[];
}

const compoundsOf = ({ rows = [] }: ReportedResults): string[] => [...new Set(rows.map(({ formula }) => formula))];

/** Puts a finished folder in the place of what was there. */
export async function swap(temporary: string, outDir: string): Promise<void> {
  await mkdir(path.dirname(outDir), { recursive: true });
  const old = `${outDir}.${process.pid}.old`;
  if (existsSync(outDir)) await rename(outDir, old);
  await rename(temporary, outDir);
  await rm(old, { recursive: true, force: true });
}

function timings(nodes: readonly NodeRecord[], manifests: ReadonlyMap<string, NodeManifest>): string {
  const rows = nodes.map(({ id, step, state }) => {
    const { seconds, cpuSeconds, backend } = manifests.get(id)?.provenance ?? {};
    const digits = (value: number | undefined): string => (value === undefined ? '' : value.toFixed(3));
    return [
      id,
      step,
      digits(seconds),
      digits(cpuSeconds),
      state === 'cached',
      backend == null ? '' : `"${backend}"`,
    ].join(',');
  });
  return `${['node,step,seconds,cpuSeconds,cached,backend', ...rows].join('\n')}\n`;
}
