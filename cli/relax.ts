import { mkdirSync, renameSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { defineCommand } from 'citty';
import { writeCrystals } from '../lib/crystal/io/write.js';
import { symmetry } from '../lib/crystal/symmetry.js';
import { relax } from '../lib/relax/relax.js';
import type { Crystal } from '../schemas/crystal.js';
import { LcomsError } from '../schemas/errors.js';
import { CRYSTAL_FILES, type FileCrystal, readCrystalFiles } from './crystal-files.js';
import { INTERRUPTED } from './errors.js';
import { interruptSignal } from './interrupt.js';
import { openScorer, SCORER_OPTIONS } from './open-scorer.js';
import { positiveNumber, wholeNumber } from './option-values.js';
import { JSON_OPTION, type Verb, type VerbData } from './verb.js';

/** A: what a relaxed crystal is symmetric to. */
const SYMPREC = 0.05;

const command = defineCommand({
  meta: { name: 'relax', description: 'Relax atoms and cell of crystals to their local minima' },
  args: {
    ...CRYSTAL_FILES,
    out: { type: 'string', valueHint: 'DIR', description: 'folder for the relaxed crystals, as CIF (required)' },
    fmax: { type: 'string', valueHint: 'X', description: 'converged below this force, eV/A (default 0.05)' },
    'max-steps': { type: 'string', valueHint: 'N', description: 'steps at most (default 250)' },
    ...SCORER_OPTIONS,
    json: { ...JSON_OPTION.json, description: 'print one JSON document a line on stdout, one a crystal' },
  },
  run: async ({ args, data }) => {
    const { output } = data as VerbData;
    const fmax = positiveNumber('fmax', args.fmax, 0.05);
    const maxSteps = wholeNumber('max-steps', args['max-steps'], 250, 1);
    if (args.out === undefined) {
      throw new LcomsError(
        'LCOMS_E_USAGE',
        '--out is missing: the folder for the relaxed crystals, e.g. --out relaxed',
        {
          hint: 'See `lcoms relax --help`.',
        },
      );
    }
    const rows = await readCrystalFiles(args._);
    const scorer = await openScorer(args.scorer, args.with, output);
    const signal = interruptSignal(output);
    mkdirSync(args.out, { recursive: true });
    let bad = 0;
    for (const row of rows) {
      const { file, index } = row;
      try {
        const crystal = crystalOf(row);
        const result = await relax((crystals) => scorer.evaluate(crystals), crystal, { fmax, maxSteps, signal });
        const { energyPerAtom, steps, converged } = result;
        const spaceGroup = symmetry(result.crystal, SYMPREC).symbol;
        const out = writeWhole(args.out, nameOf(row, rows), result.crystal);
        if (output.json) output.document({ file, index, energyPerAtom, steps, converged, spaceGroup, out }, 0);
        else {
          const how = converged ? `${steps} steps` : `not converged after ${steps} steps`;
          output.say(`${file} ${index}: ${energyPerAtom.toFixed(4)} eV/atom, ${spaceGroup}, ${how} -> ${out}`);
        }
      } catch (error) {
        if (signal.aborted) return INTERRUPTED;
        if (!(error instanceof LcomsError)) throw error;
        bad += 1;
        const { code, message } = error;
        if (output.json) output.document({ file, index, error: { code, message } }, 0);
        else output.say(`${file} ${index}: ${code}: ${message}`);
      }
    }
    await scorer.dispose();
    return bad === 0 ? 0 : 2;
  },
});

function crystalOf({ crystal, error }: FileCrystal): Crystal {
  if (crystal) return crystal;
  throw new LcomsError('LCOMS_E_CRYSTAL', error?.message ?? 'no crystal');
}

/** `name.cif`, with the index where a file holds several; files of one name in two folders are told apart by number. */
function nameOf({ file, index }: FileCrystal, rows: readonly FileCrystal[]): string {
  const stem = (name: string): string =>
    path
      .basename(name)
      .replace(/\.gz$/i, '')
      .replace(/\.[A-Za-z]+$/, '');
  const alike = [...new Set(rows.map((row) => row.file).filter((other) => stem(other) === stem(file)))];
  const several = rows.some((row) => row.file === file && row.index > 0);
  const number = alike.indexOf(file);
  return `${stem(file)}${number > 0 ? `_${number + 1}` : ''}${several ? `-${index}` : ''}.cif`;
}

function writeWhole(folder: string, name: string, crystal: Crystal): string {
  const file = path.join(folder, name);
  const partial = `${file}.${process.pid}.partial`;
  writeFileSync(partial, writeCrystals([crystal], 'cif'));
  renameSync(partial, file);
  return file;
}

export const verb: Verb = {
  command,
  variadic: true,
  examples: [
    ['lcoms relax guess.cif --out relaxed', 'writes relaxed/guess.cif'],
    ['lcoms relax starts.jsonl --out relaxed --fmax 0.02 --json', 'a line a crystal'],
  ],
  notes: ['A crystal of perfect symmetry stays in it. Exit code 2 when one could not be read or relaxed.'],
};
