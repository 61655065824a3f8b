import { writeFileSync } from 'node:fs';
import { defineCommand } from 'citty';
import { LcomsError } from '../schemas/errors.js';
import { FORMATS, type Format } from './export-formats.js';
import { type ExportedRun, type Row, TABLES, type TableName } from './export-tables.js';
import { oneOf } from './option-values.js';
import { outFile } from './out-file.js';
import { loadRun, recordedMetrics } from './run-facts.js';
import { FILTER_OPTIONS, limitOf, runFilter } from './run-filters.js';
import { knownRun, RUN_ARGUMENT } from './run-id.js';
import { listRuns } from './run-list.js';
import { peekStates } from './server-peek.js';
import { JSON_OPTION, type Verb, type VerbData } from './verb.js';
import { openWorkplace } from './workplace.js';

const command = defineCommand({
  meta: { name: 'export', description: 'Write runs, their nodes or their metrics as a table' },
  args: {
    run: { type: 'positional', required: false, description: RUN_ARGUMENT },
    all: { type: 'boolean', description: 'every run that the filters keep' },
    table: { type: 'string', valueHint: 'TABLE', description: `${Object.keys(TABLES).join(', ')} (default runs)` },
    format: { type: 'string', valueHint: 'FORMAT', description: `${Object.keys(FORMATS).join(', ')} (default csv)` },
    out: { type: 'string', valueHint: 'FILE', description: 'file to write; stdout otherwise' },
    ...FILTER_OPTIONS,
    ...JSON_OPTION,
  },
  run: async ({ args, data }) => {
    const { output } = data as VerbData;
    const table = oneOf('table', args.table, Object.keys(TABLES) as TableName[], 'runs');
    const format = oneOf('format', args.format, Object.keys(FORMATS) as Format[], 'csv');
    const keep = runFilter(args);
    const limit = limitOf(args);
    if ((args.run === undefined) !== (args.all === true))
      throw new LcomsError('LCOMS_E_USAGE', 'give a run, or --all for every run', {
        hint: 'See `lcoms export --help`.',
      });
    if (format === 'parquet' && args.out === undefined && !output.json)
      throw new LcomsError('LCOMS_E_USAGE', 'Parquet is no text: name a file with --out');
    const out = args.out === undefined ? null : outFile('export', args.out, `runs.${format}`);
    const workplace = openWorkplace();
    const only = args.run === undefined ? null : await knownRun(workplace, args.run);
    const listed = (await listRuns(workplace, await peekStates(workplace)))
      .filter((run) => (only === null ? keep(run) : run.runId === only))
      .slice(0, limit);
    const rows: Row[] = [];
    for (const run of listed) {
      const facts = await loadRun(workplace, run.runId);
      const recorded = table === 'metrics' ? await recordedMetrics(workplace, facts) : new Map();
      rows.push(...TABLES[table].rows({ listed: run, facts, recorded } satisfies ExportedRun));
    }
    const bytes = output.json && out === null ? null : FORMATS[format](rows);
    if (out !== null && bytes !== null) write(out, bytes);
    if (output.json)
      output.document(out === null ? rows : { file: out, format, table, runs: listed.length, rows: rows.length });
    else if (out !== null) output.say(`${out}: ${rows.length} rows of ${listed.length} runs`);
    else process.stdout.write(bytes as string);
    return 0;
  },
});

function write(file: string, bytes: string | Uint8Array): void {
  try {
    writeFileSync(file, bytes);
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    throw new LcomsError('LCOMS_E_FILE', `cannot be written (${code})`, { file, cause });
  }
}

export const verb: Verb = {
  command,
  examples: [
    ['lcoms export --all --out runs.csv', 'a row a run: spec, environment, metrics'],
    ['lcoms export last --table metrics --format jsonl', 'losses of every step, on stdout'],
    ["lcoms export --all --name 'tau-*' --format parquet --out tau.parquet", 'for a notebook'],
  ],
  notes: Object.entries(TABLES).map(([name, { summary }]) => `${name}: ${summary}.`),
};
