import os from 'node:os';
import { defineCommand } from 'citty';
import { CELL_FREEDOMS } from '../lib/relax/cell-coordinates.js';
import { RELAX_METHODS } from '../lib/relax/minimizer.js';
import { LcomsError } from '../schemas/errors.js';
import { batchesOf, type InputRow } from './crystal-batches.js';
import { CRYSTAL_SOURCES, crystalSources, rowsOf } from './crystal-sources.js';
import { INTERRUPTED } from './errors.js';
import { inOrder } from './in-order.js';
import { interruptSignal } from './interrupt.js';
import { SCORER_OPTIONS, warnOfScorer } from './open-scorer.js';
import { anyNumber, oneOf, positiveNumber, seedOption, wholeNumber } from './option-values.js';
import type { Output } from './output.js';
import { ProgressLine } from './progress-line.js';
import type { RelaxedLine, RelaxedNumbers, RelaxSettings } from './relax-lines.js';
import { RelaxedFiles } from './relaxed-files.js';
import { workersFor } from './scorer-workers.js';
import { JSON_OPTION, type Verb, type VerbData } from './verb.js';

/** Crystals that one process relaxes side by side: few, so that all processes have some. */
const TOGETHER = 2;

const command = defineCommand({
  meta: { name: 'relax', description: 'Relax atoms and cell of crystals to their local minima' },
  args: {
    ...CRYSTAL_SOURCES,
    out: { type: 'string', valueHint: 'DIR', description: 'folder for the relaxed crystals, as CIF (required)' },
    method: { type: 'string', valueHint: 'NAME', description: `${RELAX_METHODS.join(' or ')} (default fire)` },
    cell: {
      type: 'string',
      valueHint: 'WHAT',
      description: 'free, volume (its shape, at constant volume) or fixed (default free)',
    },
    pressure: { type: 'string', valueHint: 'GPA', description: 'external pressure: the lowest enthalpy (default 0)' },
    fmax: { type: 'string', valueHint: 'X', description: 'converged below this force, eV/A (default 0.05)' },
    'max-steps': { type: 'string', valueHint: 'N', description: 'steps at most (default 250)' },
    rattle: { type: 'string', valueHint: 'A', description: 'move the atoms at random before, e.g. 0.02 (default 0)' },
    seed: { type: 'string', valueHint: 'N', description: 'seed of --rattle (default LCOMS_SEED, else 0)' },
    trajectory: { type: 'boolean', description: 'write every step too, DIR/trajectories/*.extxyz, with energies' },
    ...SCORER_OPTIONS,
    jobs: { type: 'string', valueHint: 'N', description: 'processes at the same time (default: one a core)' },
    json: { ...JSON_OPTION.json, description: 'print one JSON document a line on stdout, one a crystal' },
  },
  run: async ({ args, data }) => {
    const { output } = data as VerbData;
    const settings: RelaxSettings = {
      fmax: positiveNumber('fmax', args.fmax, 0.05),
      maxSteps: wholeNumber('max-steps', args['max-steps'], 250, 1),
      method: oneOf('method', args.method, RELAX_METHODS, 'fire'),
      cell: oneOf('cell', args.cell, CELL_FREEDOMS, 'free'),
      pressure: anyNumber('pressure', args.pressure, 0),
      rattle: anyNumber('rattle', args.rattle, 0, 0),
      seed: seedOption(args.seed),
      trajectory: args.trajectory === true,
    };
    const jobs = wholeNumber('jobs', args.jobs, os.availableParallelism(), 1);
    const folder = outFolder(args.out);
    if (settings.pressure !== 0 && settings.cell !== 'free') {
      throw new LcomsError('LCOMS_E_USAGE', `--pressure needs a free cell; --cell is ${settings.cell}`);
    }
    await warnOfScorer(output, args.scorer);
    const sources = crystalSources(args._, args.format);
    const signal = interruptSignal(output);
    const progress = new Progress(output);
    const { workers, batches } = await workersFor(batchesOf(sources, rowsOf, TOGETHER), {
      use: args.scorer,
      options: args.with,
      jobs,
      signal,
      onStep: ({ step, maxForce }) => progress.step(step, maxForce),
    });
    const files = new RelaxedFiles(folder, sources);
    let bad = 0;
    progress.begin();
    try {
      const relax = ({ rows }: { rows: InputRow[] }) => workers.perform({ type: 'relax', rows, settings });
      for await (const { item, result } of inOrder(batches, relax, workers.ahead, signal)) {
        progress.end();
        for (const [i, relaxed] of result.entries()) {
          if ('error' in relaxed) bad += 1;
          print(output, files, item.rows[i] as InputRow, relaxed);
        }
        await output.drained();
        progress.done(result.length, item.share);
      }
    } catch (error) {
      if (signal.aborted) return INTERRUPTED;
      throw error;
    } finally {
      progress.end();
      await workers.close();
    }
    return bad === 0 ? 0 : 2;
  },
});

function outFolder(given: string | undefined): string {
  if (given !== undefined) return given;
  throw new LcomsError('LCOMS_E_USAGE', '--out is missing: the folder for the relaxed crystals, e.g. --out relaxed', {
    hint: 'See `lcoms relax --help`.',
  });
}

/** Crystals done; and of one that is relaxed alone, its steps. */
class Progress {
  readonly #line: ProgressLine;
  #done = 0;
  #share: number | null = null;
  #now = '';

  constructor(output: Output) {
    const text = (done: number, total: number): string =>
      Number.isFinite(total)
        ? `relaxed ${done} of about ${Math.max(done, total)} crystals`
        : `relaxed ${done} crystals`;
    this.#line = new ProgressLine(output, (done, total) => `${text(done, total)}${this.#now}`, {
      stderr: true,
      after: 2,
    });
  }

  begin(): void {
    this.#show();
  }

  step(step: number, maxForce: number): void {
    this.#now = `, step ${step}: ${maxForce.toFixed(3)} eV/A`;
    this.#show();
  }

  done(count: number, share: number | null): void {
    this.#done += count;
    this.#share = share;
    this.#now = '';
    this.#show();
  }

  #show(): void {
    this.#line.show(this.#done, this.#share ? Math.round(this.#done / this.#share) : Number.NaN);
  }

  end(): void {
    this.#line.end();
  }
}

function print(output: Output, files: RelaxedFiles, row: InputRow, relaxed: RelaxedLine): void {
  if ('error' in relaxed) {
    const { file, index, error } = relaxed;
    if (output.json) output.document(relaxed, 0);
    else output.say(`${file} ${index}: ${error.code}: ${error.message}`);
    return;
  }
  const { line, crystal, frames } = relaxed;
  const { out, trajectory } = files.write(row, crystal, frames);
  if (output.json) output.document({ ...line, out, ...(trajectory && { trajectory }) }, 0);
  else output.say(`${inWords(line)} -> ${out}`);
}

function inWords(line: RelaxedNumbers): string {
  const { file, index, energyPerAtom, enthalpyPerAtom, pressure, spaceGroup, converged, steps, guards } = line;
  const reached = converged ? `${steps} steps` : `not converged after ${steps} steps (${line.reason})`;
  return [
    `${file} ${index}: ${energyPerAtom.toFixed(4)} eV/atom`,
    ...(enthalpyPerAtom === undefined ? [] : [`enthalpy ${enthalpyPerAtom.toFixed(4)}`, `${pressure.toFixed(2)} GPa`]),
    spaceGroup,
    reached,
    ...guards.map((reason) => `no real crystal: ${reason}`),
  ].join(', ');
}

export const verb: Verb = {
  command,
  variadic: true,
  examples: [
    ['lcoms relax guess.cif --out relaxed', 'writes relaxed/guess.cif'],
    ['lcoms relax starts.jsonl --out relaxed --fmax 0.02 --json', 'a line a crystal, all cores'],
    ['lcoms relax starts/ --out relaxed --method lbfgs', 'a folder, with about half the evaluations'],
    ['lcoms relax POSCAR --out pressed --pressure 30', 'lowest enthalpy at 30 GPa'],
    ['lcoms relax POSCAR --out kept --cell volume --trajectory', 'at constant volume, with every step'],
  ],
  notes: [
    'A crystal of perfect symmetry stays in it, on a saddle too: --rattle 0.02 lets it leave. What did not converge is',
    'written and says so. Exit code 2 when one could not be read or relaxed. docs/scoring.md says more.',
  ],
};
