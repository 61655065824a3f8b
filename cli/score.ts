import os from 'node:os';
import { defineCommand } from 'citty';
import { batchesOf } from './crystal-batches.js';
import { CRYSTAL_SOURCES, crystalSources, rowsOf } from './crystal-sources.js';
import { INTERRUPTED } from './errors.js';
import { inOrder } from './in-order.js';
import { interruptSignal } from './interrupt.js';
import { SCORER_OPTIONS, warnOfScorer } from './open-scorer.js';
import { wholeNumber } from './option-values.js';
import { type Output, RunningTable } from './output.js';
import { ProgressLine } from './progress-line.js';
import type { ScoredLine } from './score-lines.js';
import { workersFor } from './scorer-workers.js';
import { JSON_OPTION, type Verb, type VerbData } from './verb.js';

const command = defineCommand({
  meta: { name: 'score', description: 'Energy and largest force of crystals, as they are' },
  args: {
    ...CRYSTAL_SOURCES,
    ...SCORER_OPTIONS,
    jobs: { type: 'string', valueHint: 'N', description: 'processes at the same time (default: one a core)' },
    ...JSON_OPTION,
    json: { ...JSON_OPTION.json, description: 'print one JSON document a line on stdout, one a crystal' },
  },
  run: async ({ args, data }) => {
    const { output } = data as VerbData;
    await warnOfScorer(output, args.scorer);
    const jobs = wholeNumber('jobs', args.jobs, os.availableParallelism(), 1);
    const sources = crystalSources(args._, args.format);
    const signal = interruptSignal(output);
    const { workers, batches } = await workersFor(batchesOf(sources, rowsOf), {
      use: args.scorer,
      options: args.with,
      jobs,
      signal,
    });
    const progress = new ProgressLine(output, scoredText, { stderr: true, after: 2 });
    const printer = new Printer(output);
    progress.show(0, Number.NaN);
    try {
      const scored = inOrder(batches, ({ rows }) => workers.perform({ type: 'score', rows }), workers.ahead, signal);
      for await (const { item, result } of scored) {
        progress.end();
        for (const line of result) printer.print(line);
        await output.drained();
        progress.show(printer.count, item.share === null ? Number.NaN : Math.round(printer.count / item.share));
      }
    } catch (error) {
      progress.end();
      if (signal.aborted) return INTERRUPTED;
      throw error;
    } finally {
      await workers.close();
    }
    progress.end();
    const { name, version } = workers.scorer;
    const without = printer.bad === 0 ? '' : `, ${printer.bad} of ${printer.count} without a score`;
    if (!output.json) output.say(`\nby ${name} ${version}${without}`);
    return printer.bad === 0 ? 0 : 2;
  },
});

function scoredText(done: number, total: number): string {
  return Number.isFinite(total)
    ? `scored ${done} of about ${Math.max(done, total)} crystals`
    : `scored ${done} crystals`;
}

/** Prints results as they come. */
class Printer {
  count = 0;
  bad = 0;
  readonly #table = new RunningTable([1, 3, 4, 5]);

  constructor(private readonly output: Output) {}

  print(scored: ScoredLine): void {
    const { output } = this;
    this.count += 1;
    if ('error' in scored) this.bad += 1;
    if (output.json) {
      output.document(scored, 0);
      return;
    }
    if (this.count === 1) {
      const titles = ['file', 'index', 'formula', 'atoms', 'eV/atom', 'eV/A'];
      output.say(this.#table.line(titles.map((title) => output.style('bold', title))));
    }
    const { file, index } = scored;
    output.say(this.#table.line([file, String(index), ...('error' in scored ? remark(scored) : numbers(scored))]));
  }
}

const remark = ({ error }: Extract<ScoredLine, { error: object }>): string[] => [`${error.code}: ${error.message}`];

const numbers = (scored: Exclude<ScoredLine, { error: object }>): string[] => [
  scored.formula,
  String(scored.atoms),
  scored.energyPerAtom.toFixed(4),
  scored.maxForce.toFixed(4),
];

export const verb: Verb = {
  command,
  variadic: true,
  examples: [
    ['lcoms score found.cif', 'energy by CHGNet (r2SCAN)'],
    ["lcoms score *.cif --json | jq -s 'sort_by(.energyPerAtom)'", 'ranked'],
    ['lcoms score structures/', 'every CIF, POSCAR, extXYZ and JSON lines file of a folder, by name'],
    ['zcat many.jsonl.gz | lcoms score - --json > energies.jsonl', 'as a stream, in the order of the input'],
    ["lcoms score POSCAR --with '{model: 0.3.0}'", 'by the other weights'],
  ],
  notes: [
    'Units: eV/atom and eV/A. Exit code 2 when a crystal could not be read or scored; it is named, and the others are',
    'printed all the same. The result does not depend on --jobs. docs/scoring.md says more.',
  ],
};
