import { compositionOf, reducedComposition } from '../../lib/crystal/composition.js';
import type { Rng } from '../../lib/random/rng.js';
import type { RelaxMethod } from '../../lib/relax/minimizer.js';
import type { Optimizer } from '../../plugins/contract/optimizer.js';
import type { Scorer } from '../../plugins/contract/scorer.js';
import { forCompound } from '../../plugins/contract/surrogate.js';
import type { Crystal } from '../../schemas/crystal.js';
import type { SourceAccount } from '../../schemas/prediction.js';
import type { Answer } from './answers.js';
import type { Cell } from './cells.js';
import { Portfolio } from './portfolio.js';
import { sourcesOf } from './sources/index.js';
import type { SearchModel } from './sources/latent.js';
import type { SourceName } from './sources/source.js';
import type { Template } from './sources/templates.js';

export type { SearchModel } from './sources/latent.js';

export interface SearchOptions {
  /** Tries in all. */
  tries: number;
  /** CPU seconds after which no more is begun; null: no limit. What a budget gives depends on the machine. */
  budget: number | null;
  /** Crystals decoded from each latent; the lowest sane one is relaxed. */
  draws: number;
  /** eV/A. */
  fmax: number;
  /** Relaxation steps after which a crystal is given up. */
  maxSteps: number;
  /** What crystals are relaxed by. */
  method: RelaxMethod;
  /** Atoms wanted in the cells of templates; undefined: any. */
  atoms: number | undefined;
  /** Crystals to put the elements into. */
  templates: readonly Template[];
  /** Sources to ask; null: all. */
  sources: readonly SourceName[] | null;
}

/** L-BFGS takes half of FIRE's evaluations; the holes that it falls into more readily are what guards and second opinion are for. */
export const SEARCH_DEFAULTS = { draws: 3, fmax: 0.05, maxSteps: 250, method: 'lbfgs' as const };

export interface SearchHooks {
  signal: AbortSignal;
  /** A new structure: all of them, lowest first. */
  onAnswer?(ranked: Answer[]): void;
  /** Share of the work that is done, 0 to 1, and tries that have ended. */
  onProgress?(progress: { fraction: number; finished: number }): void;
}

export interface Outcome {
  /** Lowest energy first. */
  answers: Answer[];
  /** Tries that have ended, in a structure or in none. */
  finished: number;
  /** False when the signal aborted the search. */
  complete: boolean;
  /** Reason -> crystals that were left out. */
  rejected: Record<string, number>;
  /** Sizes of the cells that were proposed, ascending, and how often. */
  cells: { atoms: number; tries: number }[];
  /** What each source gave and cost. */
  accounts: SourceAccount[];
  /** By source. */
  cpuSeconds: ReadonlyMap<SourceName, number>;
}

/**
 * Predicts one compound by a portfolio of sources (docs/predict.md). The same seed gives the same answers on the same backend
 * when there is no budget of time. Aborted, it gives what was found so far.
 * @throws LcomsError LCOMS_E_ELEMENT_UNKNOWN when the surrogate takes the composition and has not seen an element of it
 * @param cells sizes to search and, unless the options say otherwise, tries in all
 */
export async function searchCompound(
  cells: readonly Cell[],
  model: SearchModel,
  optimizer: Optimizer,
  scorer: Scorer,
  rng: Rng,
  hooks: SearchHooks,
  given: Partial<SearchOptions> = {},
): Promise<Outcome> {
  const options: SearchOptions = {
    ...SEARCH_DEFAULTS,
    tries: cells.reduce((sum, { tries }) => sum + tries, 0),
    budget: null,
    atoms: undefined,
    templates: [],
    sources: null,
    ...given,
  };
  const unit = reducedComposition(compositionOf(cells[0]?.species ?? []));
  const minima: Crystal[] = [];
  const surrogate = model.surrogate && forCompound(model.surrogate, unit);
  const { draws, templates, atoms } = options;
  const all = sourcesOf(
    unit,
    cells.map(({ units }) => units),
    { model: { ...model, surrogate }, optimizer, scorer, draws, signal: hooks.signal, templates, atoms, minima },
  );
  const asked = options.sources;
  const sources = asked === null ? all : all.filter(({ name }) => asked.includes(name));
  return await new Portfolio(sources, scorer, minima, rng, hooks, options).run();
}
