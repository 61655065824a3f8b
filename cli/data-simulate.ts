import { existsSync, statSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { defineCommand } from 'citty';
import { parseFormula, reducedFormula } from '../lib/crystal/composition.js';
import { LcomsError } from '../schemas/errors.js';
import { INTERRUPTED } from './errors.js';
import { interruptSignal } from './interrupt.js';
import { wholeNumber } from './option-values.js';
import { duration, type Output } from './output.js';
import { runShards } from './simulate-shards.js';
import { JSON_OPTION, type Verb, type VerbData } from './verb.js';

/** Seconds between two lines of progress where nobody watches. */
const LINE_INTERVAL = 10;

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
    const out = outFile(args.out);
    const signal = interruptSignal(output);
    const progress = new ProgressLine(output);
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

function outFile(given: string | undefined): string {
  if (given === undefined) {
    throw new LcomsError('LCOMS_E_USAGE', '--out is missing: the file to write, e.g. --out minima.jsonl', {
      hint: 'See `lcoms data simulate --help`.',
    });
  }
  if (existsSync(given) && statSync(given).isDirectory()) {
    throw new LcomsError('LCOMS_E_FILE', '--out is a folder; give the file to write', { file: given });
  }
  return path.resolve(given);
}

/** `relaxed 12/60, about 1 min 05 s left`: in place on a terminal, a line every ten seconds elsewhere. */
class ProgressLine {
  readonly #begun = performance.now();
  #first: { done: number; at: number } | null = null;
  #shown = 0;

  constructor(private readonly output: Output) {}

  show(done: number, total: number): void {
    const now = (performance.now() - this.#begun) / 1000;
    this.#first ??= { done, at: now };
    const rate = (done - this.#first.done) / (now - this.#first.at);
    const left = rate > 0 ? `, about ${duration((total - done) / rate)} left` : '';
    const line = `relaxed ${done}/${total} starts, ${duration(now)}${left}`;
    if (this.output.interactive) this.output.stream.write(`\r\u001b[0K${line}`);
    else if (now - this.#shown >= LINE_INTERVAL) {
      this.#shown = now;
      this.output.say(line);
    }
  }

  end(): void {
    if (this.output.interactive) this.output.stream.write('\r\u001b[0K');
  }
}

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
