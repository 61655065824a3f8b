import { defineCommand } from 'citty';
import { DEFAULT_TOLERANCES, matchStructures } from '../lib/crystal/matcher.js';
import { readOneCrystal } from './crystal-files.js';
import { positiveNumber } from './option-values.js';
import { JSON_OPTION, type Verb, type VerbData } from './verb.js';

const command = defineCommand({
  meta: { name: 'match', description: 'Compare two structures as StructureMatcher of pymatgen does' },
  args: {
    a: { type: 'positional', required: true, description: 'crystal: CIF, POSCAR, extXYZ, JSON lines, .gz too' },
    b: { type: 'positional', required: true, description: 'crystal to compare with' },
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
    ...JSON_OPTION,
  },
  run: async ({ args, data }) => {
    const { output } = data as VerbData;
    const tolerances = {
      ltol: positiveNumber('ltol', args.ltol, DEFAULT_TOLERANCES.ltol),
      stol: positiveNumber('stol', args.stol, DEFAULT_TOLERANCES.stol),
      angleTol: positiveNumber('angle-tol', args['angle-tol'], DEFAULT_TOLERANCES.angleTol),
    };
    const { match, rms } = matchStructures(await readOneCrystal(args.a), await readOneCrystal(args.b), tolerances);
    if (output.json) output.document({ match, rms });
    else
      output.say(match ? `They match: rms ${rms?.toFixed(4) ?? '-'} in units of (V/n)^(1/3).` : 'They do not match.');
    return 0;
  },
});

export const verb: Verb = {
  command,
  examples: [
    ['lcoms match found.cif known.cif', 'same structure?'],
    ['lcoms match a.cif b.cif --stol 0.3 --angle-tol 5', 'stricter'],
  ],
  notes: ['Volumes are scaled to be equal, and primitive cells are compared. The exit code is 0 either way.'],
};
