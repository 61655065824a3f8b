import { defineCommand } from 'citty';
import { symmetry } from '../lib/crystal/symmetry.js';
import { requireApart } from '../lib/crystal/validity.js';
import { LcomsError } from '../schemas/errors.js';
import { batchesOf, type InputRow } from './crystal-batches.js';
import { CRYSTAL_SOURCES, crystalSources, onlyCrystal, rowsOf } from './crystal-sources.js';
import { positiveNumber } from './option-values.js';
import type { Output } from './output.js';
import { type BadLine, badLine } from './score-lines.js';
import { JSON_OPTION, type Verb, type VerbData } from './verb.js';

/** A: as spglib and pymatgen. */
const SYMPREC = 0.01;

const command = defineCommand({
  meta: { name: 'symmetry', description: 'Name the space groups of crystals' },
  args: {
    ...CRYSTAL_SOURCES,
    symprec: { type: 'string', valueHint: 'A', description: `tolerance of positions (default ${SYMPREC})` },
    json: {
      ...JSON_OPTION.json,
      description: 'print {number, symbol} of one crystal, of several a line each, as JSON',
    },
  },
  run: async ({ args, data }) => {
    const { output } = data as VerbData;
    const symprec = positiveNumber('symprec', args.symprec, SYMPREC);
    const sources = crystalSources(args._, args.format);
    const batches = batchesOf(sources, rowsOf);
    const first = await batches.next();
    const rows = first.done ? [] : first.value.rows;
    if (sources.length === 1 && rows.length === 1 && rows[0]) {
      const crystal = onlyCrystal(rows[0]);
      requireApart(crystal);
      const { number, symbol } = symmetry(crystal, symprec);
      if (output.json) output.document({ number, symbol });
      else output.say(`${symbol} (${number})`);
      return 0;
    }
    let bad = print(output, rows, symprec);
    for await (const batch of batches) {
      bad += print(output, batch.rows, symprec);
      await output.drained();
    }
    return bad === 0 ? 0 : 2;
  },
});

/** Returns how many of the rows are without a space group. */
function print(output: Output, rows: readonly InputRow[], symprec: number): number {
  let bad = 0;
  for (const row of rows) {
    const line = named(row, symprec);
    if ('error' in line) bad += 1;
    if (output.json) output.document(line, 0);
    else if ('error' in line) output.say(`${line.file} ${line.index}: ${line.error.code}: ${line.error.message}`);
    else output.say(`${line.file} ${line.index}: ${line.symbol} (${line.number})`);
  }
  return bad;
}

function named(
  row: InputRow,
  symprec: number,
): BadLine | { file: string; index: number; number: number; symbol: string } {
  const { file, index } = row;
  if ('error' in row) return badLine(row);
  try {
    requireApart(row.crystal);
    const { number, symbol } = symmetry(row.crystal, symprec);
    return { file, index, number, symbol };
  } catch (error) {
    if (!(error instanceof LcomsError)) throw error;
    return { file, index, error: { code: error.code, message: error.message } };
  }
}

export const verb: Verb = {
  command,
  variadic: true,
  examples: [
    ['lcoms symmetry found.cif', 'symbol and number'],
    ['lcoms symmetry relaxed/ --symprec 0.1', 'a line each, with the tolerance that relaxed structures need'],
    ['zcat many.jsonl.gz | lcoms symmetry - --json', 'as a stream'],
  ],
  notes: ['Exit code 2 when a crystal could not be read or has no space group; it is named among the others.'],
};
