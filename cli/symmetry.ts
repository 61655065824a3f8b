import { defineCommand } from 'citty';
import { symmetry } from '../lib/crystal/symmetry.js';
import { readOneCrystal } from './crystal-files.js';
import { positiveNumber } from './option-values.js';
import { JSON_OPTION, type Verb, type VerbData } from './verb.js';

/** A: as spglib and pymatgen. */
const SYMPREC = 0.01;

const command = defineCommand({
  meta: { name: 'symmetry', description: 'Name the space group of a crystal' },
  args: {
    file: { type: 'positional', required: true, description: 'crystal: CIF, POSCAR, extXYZ, JSON lines, .gz too' },
    symprec: { type: 'string', valueHint: 'A', description: `tolerance of positions (default ${SYMPREC})` },
    ...JSON_OPTION,
  },
  run: async ({ args, data }) => {
    const { output } = data as VerbData;
    const crystal = await readOneCrystal(args.file);
    const { number, symbol } = symmetry(crystal, positiveNumber('symprec', args.symprec, SYMPREC));
    if (output.json) output.document({ number, symbol });
    else output.say(`${symbol} (${number})`);
    return 0;
  },
});

export const verb: Verb = {
  command,
  examples: [
    ['lcoms symmetry found.cif', 'symbol and number'],
    ['lcoms symmetry relaxed.cif --symprec 0.1', 'with the tolerance that a relaxed structure needs'],
  ],
};
