import { defineCommand } from 'citty';
import { DEFAULT_TOLERANCES, matchStructures } from '../lib/crystal/matcher.js';
import { requireApart } from '../lib/crystal/validity.js';
import type { Crystal } from '../schemas/crystal.js';
import { LcomsError } from '../schemas/errors.js';
import { batchesOf, type InputRow } from './crystal-batches.js';
import { CRYSTAL_SOURCES, crystalSources, onlyCrystal, rowsOf, type Source } from './crystal-sources.js';
import { positiveNumber } from './option-values.js';
import type { Output } from './output.js';
import { type BadLine, badLine } from './score-lines.js';
import { JSON_OPTION, type Verb, type VerbData } from './verb.js';

type Tolerances = typeof DEFAULT_TOLERANCES;
type Known = InputRow & { crystal: Crystal };

const command = defineCommand({
  meta: { name: 'match', description: 'Compare structures as StructureMatcher of pymatgen does' },
  args: {
    a: { ...CRYSTAL_SOURCES.file },
    b: { type: 'positional', required: true, description: 'crystal or crystals to compare with' },
    format: CRYSTAL_SOURCES.format,
    ltol: {
      type: 'string',
      valueHint: 'X',
      description: `fractional tolerance of lengths (default ${DEFAULT_TOLERANCES.ltol})`,
    },
    stol: {
      type: 'string',
      valueHint: 'X',
      description: `tolerance of sites, in (V/n)^(1/3) (default ${DEFAULT_TOLERANCES.stol})`,
    },
    'angle-tol': {
      type: 'string',
      valueHint: 'DEG',
      description: `tolerance of angles (default ${DEFAULT_TOLERANCES.angleTol})`,
    },
    json: { ...JSON_OPTION.json, description: 'print {match, rms} of two crystals, of several a line each, as JSON' },
  },
  run: async ({ args, data }) => {
    const { output } = data as VerbData;
    const tolerances = {
      ltol: positiveNumber('ltol', args.ltol, DEFAULT_TOLERANCES.ltol),
      stol: positiveNumber('stol', args.stol, DEFAULT_TOLERANCES.stol),
      angleTol: positiveNumber('angle-tol', args['angle-tol'], DEFAULT_TOLERANCES.angleTol),
    };
    const [as, bs] = bothSources(args.a, args.b, args.format);
    const known = await rowsIn(bs);
    const batches = batchesOf(as, rowsOf);
    const first = await batches.next();
    const rows = first.done ? [] : first.value.rows;
    if (as.length === 1 && rows.length === 1 && rows[0] && known.length === 1 && known[0]) {
      const { match, rms } = matchStructures(onlyCrystal(rows[0]), onlyCrystal(known[0]), tolerances);
      if (output.json) output.document({ match, rms });
      else output.say(match ? `They match: ${rmsText(rms)}.` : 'They do not match.');
      return 0;
    }
    const sound = known.filter((row): row is Known => 'crystal' in row);
    let bad = known.length - sound.length;
    for (const row of known) if ('error' in row) print(output, badLine(row));
    const all = (async function* () {
      yield rows;
      for await (const batch of batches) yield batch.rows;
    })();
    for await (const some of all) {
      for (const row of some) {
        const line = nearest(row, sound, tolerances);
        if ('error' in line) bad += 1;
        print(output, line);
      }
      await output.drained();
    }
    return bad === 0 ? 0 : 2;
  },
});

function bothSources(a: string, b: string, format: string | undefined): [Source[], Source[]] {
  if (a === '-' && b === '-') throw new LcomsError('LCOMS_E_USAGE', '- is given twice; stdin can be read once');
  return [crystalSources([a], format), crystalSources([b], format)];
}

/** All of the structures to compare with: they are in memory, those compared come one after the other. */
async function rowsIn(sources: readonly Source[]): Promise<InputRow[]> {
  const rows: InputRow[] = [];
  for await (const batch of batchesOf(sources, rowsOf)) rows.push(...batch.rows);
  return rows;
}

interface Place {
  file: string;
  index: number;
}
type MatchedLine = Place & { match: boolean; rms: number | null; with: Place | null };

/** In units of (V/n)^(1/3): what is nearer to each other than this is equally near. */
const SAME_RMS = 1e-5;

/** The one of `known` that matches best, by rms; the first of equals. */
function nearest(row: InputRow, known: readonly Known[], tolerances: Tolerances): BadLine | MatchedLine {
  if ('error' in row) return badLine(row);
  const { file, index } = row;
  try {
    requireApart(row.crystal);
    let best: MatchedLine = { file, index, match: false, rms: null, with: null };
    for (const other of known) {
      const { match, rms } = matchStructures(row.crystal, other.crystal, tolerances);
      if (!match || (best.match && (rms ?? 1) >= (best.rms ?? 1) - SAME_RMS)) continue;
      best = { file, index, match, rms, with: { file: other.file, index: other.index } };
    }
    return best;
  } catch (error) {
    if (!(error instanceof LcomsError)) throw error;
    return { file, index, error: { code: error.code, message: error.message } };
  }
}

const rmsText = (rms: number | null): string => `rms ${rms?.toFixed(4) ?? '-'} in units of (V/n)^(1/3)`;

function print(output: Output, line: BadLine | MatchedLine): void {
  const { file, index } = line;
  if (output.json) output.document(line, 0);
  else if ('error' in line) output.say(`${file} ${index}: ${line.error.code}: ${line.error.message}`);
  else if (line.with)
    output.say(`${file} ${index}: matches ${line.with.file} ${line.with.index}, ${rmsText(line.rms)}`);
  else output.say(`${file} ${index}: matches none`);
}

export const verb: Verb = {
  command,
  examples: [
    ['lcoms match found.cif known.cif', 'same structure?'],
    ['lcoms match a.cif b.cif --stol 0.3 --angle-tol 5', 'stricter'],
    ['lcoms match relaxed/ known.jsonl --json', 'for each of A the one of B that matches best'],
  ],
  notes: [
    'Volumes are scaled to be equal, and primitive cells are compared. The exit code is 0 whether they match or not, and 2',
    'when a crystal could not be read. A and B may be files, folders or, one of them, - for stdin.',
  ],
};
