import { defineCommand } from 'citty';
import { makeScoredData, SCORED_DATA_OPTIONS } from './scored-data.js';
import { JSON_OPTION, type Verb, type VerbData } from './verb.js';

const command = defineCommand({
  meta: { name: 'data score', description: 'Make a data set of crystals as they are, with energies by one scorer' },
  args: { ...SCORED_DATA_OPTIONS, ...JSON_OPTION },
  run: async ({ args, data }) => {
    const { output } = data as VerbData;
    return await makeScoredData(args, output, {
      verb: 'data score',
      done: 'scored',
      example: 'scored.jsonl.gz',
      task: (rows) => ({ type: 'data-row', rows }),
      report: ({ out, tally: { rows, leftOut }, scorer }) => {
        if (output.json) output.document({ out, crystals: rows + leftOut, rows, leftOut, scorer });
        else {
          output.say(`${out}: ${rows} of ${rows + leftOut} crystals, by ${scorer.name} ${scorer.version}.`);
          output.say(`lcoms run SPEC --set data.with.also=${args.out} trains on them beside the simulated set.`);
        }
      },
    });
  },
});

export const verb: Verb = {
  command,
  variadic: true,
  examples: [
    ['lcoms data score mp_20.csv.gz --out mp20.jsonl.gz', 'energies by CHGNet (r2SCAN), total, eV/atom'],
    ["lcoms data score *.cif --out mine.jsonl --with '{model: 0.3.0}'", 'by the other weights'],
    ['lcoms run my.yaml --set data.with.also=mp20.jsonl.gz', 'train on them beside the simulated set'],
  ],
  notes: [
    'Crystals are not relaxed; rows keep the order of the input. What cannot be read or scored is named and left out;',
    'exit code 2 when nothing is left. Interrupted, it goes on when the same command is given again.',
  ],
};
