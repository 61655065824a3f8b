import os from 'node:os';
import { defineCommand } from 'citty';
import { parseFormula, reducedFormula } from '../lib/crystal/composition.js';
import { INTERRUPTED } from './errors.js';
import { interruptSignal } from './interrupt.js';
import { wholeNumber } from './option-values.js';
import { outFile } from './out-file.js';
import { ProgressLine } from './progress-line.js';
import { runShards } from './simulate-shards.js';
import { JSON_OPTION, type Verb, type VerbData } from './verb.js';

const command = defineCommand({
  meta: { name: 'data simulate', description: 'Make a data set of local minima: relax random and prototype starts' },
  args: {
    formula: { type: 'positional', required: true, description: 'compounds, e.g. NaCl CaF2 Si' },
    out: { type: 'string', valueHint: 'FILE', description: 'data set to write, JSON lines (required)' },
    starts: { type: 'string', valueHint: 'N', description: 'random starts per formula (default 30)' },
    seed: { type: 'string', valueHint: 'N', description: 'seed of the random starts (default 0)' },
    jobs: {
      type: 'string',
      valueHint: 'N',
      description: 'processes that relax at the same time (default: one a core)',
    },
    ...JSON_OPTION,
  },
  run: async ({ args, data }) => {
    const { output } = data as VerbData;
    const formulas = [...new Set(args._.map((formula) => reducedFormula(parseFormula(formula))))];
    const startsPerFormula = wholeNumber('starts', args.starts, 30, 0);
    const seed = wholeNumber('seed', args.seed, 0, 0);
    const jobs = wholeNumber('jobs', args.jobs, os.availableParallelism(), 1);
    const out = outFile('data simulate', args.out, 'minima.jsonl');
    const signal = interruptSignal(output);
    const progress = new ProgressLine(output, (done, total) => `relaxed ${done}/${total} starts`);
    try {
      const task = { formulas, startsPerFormula, seed, out };
      const summary = await runShards(task, jobs, signal, (done, total) => progress.show(done, total));
      progress.end();
      const { rows = 0, rejected = {} } = summary.written ?? {};
      if (output.json) output.document({ out, formulas, starts: summary.total, rows, rejected });
      else {
        const counts = Object.entries(rejected).map(([reason, count]) => `${count} ${reason}`);
        output.say(`${out}: ${rows} minima of ${summary.total} starts (left out: ${counts.join(', ') || 'none'}).`);
        output.say(`lcoms run SPEC --data ${args.out ?? out} trains on it.`);
      }
      return 0;
    } catch (error) {
      if (!signal.aborted) throw error;
      progress.end();
      output.warn('Interrupted. The same command goes on where it stopped.');
      return INTERRUPTED;
    }
  },
});

export const verb: Verb = {
  command,
  variadic: true,
  examples: [
    ['lcoms data simulate NaCl MgO CaF2 --out minima.jsonl', '30 random starts and the known prototypes of each'],
    ['lcoms data simulate Si --starts 200 --seed 1 --jobs 4 --out si.jsonl', 'more starts, four processes'],
    ['lcoms run my.yaml --data minima.jsonl', 'train on it'],
  ],
  notes: ['Energies are those of CHGNet (r2SCAN). Interrupted, it goes on when the same command is given again.'],
};
