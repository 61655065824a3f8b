import { canonicalCell } from '../../lib/crystal/canonical-cell.js';
import type { Rng } from '../../lib/random/rng.js';
import { type Relaxation, relax } from '../../lib/relax/relax.js';
import { stableStart } from '../../lib/relax/stable-start.js';
import { convergenceGuard, solidGuard } from '../../lib/scoring/guards.js';
import type { EncoderModel } from '../../plugins/contract/encoder.js';
import type { Optimizer } from '../../plugins/contract/optimizer.js';
import type { Scorer } from '../../plugins/contract/scorer.js';
import type { SurrogateModel } from '../../plugins/contract/surrogate.js';
import type { Crystal } from '../../schemas/crystal.js';
import { LcomsError } from '../../schemas/errors.js';
import { type Answer, Answers, type Source } from './answers.js';
import type { Cell } from './cells.js';
import { drawLatents } from './latent-starts.js';
import { polish } from './polish.js';
import { propose, type WalkEnd } from './proposals.js';
import { Tally } from './tally.js';
import { walkDownhill } from './walk.js';

/** The parts of a trained model that the search uses. */
export interface SearchModel {
  encoder: EncoderModel;
  /** null: latents are decoded where they are. */
  surrogate: SurrogateModel | null;
  /** Raw training latents, m x d; may be empty. */
  reference: Float32Array;
}

export interface SearchOptions {
  /** Crystals decoded from each latent; the lowest sane one is relaxed. */
  draws: number;
  /** eV/A. */
  fmax: number;
  /** Relaxation steps after which a crystal is given up. */
  maxSteps: number;
  /** Further random crystals drawn when one does not relax to a sane minimum. */
  redraws: number;
}

export const SEARCH_DEFAULTS: SearchOptions = { draws: 3, fmax: 0.05, maxSteps: 250, redraws: 2 };

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
}

interface Try {
  id: number;
  cell: Cell;
}

/**
 * Predicts one compound: from training latents and from random stable starts, in turn, downhill on the surrogate, decoded,
 * relaxed by the scorer, joined. Latents of the small cells come first, because they give answers within seconds.
 *
 * A random start is a structure of its own, relaxed already, so it counts as found, beside what its walk leads to. The
 * same seed gives the same answers on the same backend. Aborted, it gives what was found so far.
 */
export async function searchCompound(
  cells: readonly Cell[],
  model: SearchModel,
  optimizer: Optimizer,
  scorer: Scorer,
  rng: Rng,
  hooks: SearchHooks,
  options: SearchOptions = SEARCH_DEFAULTS,
): Promise<Outcome> {
  const search = new CompoundSearch(model, optimizer, scorer, rng, hooks, options);
  const { latents, randoms } = splitTries(cells);
  search.expect(latents, randoms);
  try {
    for (const tries of latents) await search.fromLatents(tries);
    for (const tries of randoms) await search.fromRandom(tries);
  } catch (error) {
    if (!hooks.signal.aborted) throw error;
    return search.outcome(false);
  }
  return search.outcome(true);
}

/** Every other try of a cell starts from a latent, the first one too; the rest at random. */
function splitTries(cells: readonly Cell[]): { latents: Try[][]; randoms: Try[][] } {
  let next = 0;
  const latents: Try[][] = [];
  const randoms: Try[][] = [];
  for (const cell of cells) {
    const tries = Array.from({ length: cell.tries }, (): Try => ({ id: next++, cell }));
    const even = tries.filter((_, i) => i % 2 === 0);
    // The very first try goes alone: an answer is on the screen before the others are decoded.
    const alone = cell === cells[0] ? 1 : 0;
    latents.push(even.slice(0, alone), even.slice(alone));
    randoms.push(tries.filter((_, i) => i % 2 === 1));
  }
  return { latents: latents.filter((tries) => tries.length > 0), randoms: randoms.filter((tries) => tries.length > 0) };
}

class CompoundSearch {
  private readonly tally = new Tally();
  private readonly answers: Answers;
  /** Tries whose walk has ended. */
  private readonly ended = new Set<number>();
  private work = 0;
  private done = 0;

  constructor(
    private readonly model: SearchModel,
    private readonly optimizer: Optimizer,
    private readonly scorer: Scorer,
    private readonly rng: Rng,
    private readonly hooks: SearchHooks,
    private readonly options: SearchOptions,
  ) {
    this.answers = new Answers((found) => polish(scorer, found, hooks.signal));
  }

  /** Work is counted in atoms to relax: what a relaxation costs grows with them. */
  expect(latents: readonly Try[][], randoms: readonly Try[][]): void {
    for (const { cell } of latents.flat()) this.work += cell.species.length;
    for (const { cell } of randoms.flat()) this.work += 2 * cell.species.length;
  }

  async fromLatents(tries: readonly Try[]): Promise<void> {
    const { encoder, reference } = this.model;
    const { cell, id } = tries[0] as Try;
    const rng = this.rng.fork(`latents/${id}`);
    const starts = drawLatents(reference, encoder.dimension, tries.length, rng);
    const ends = tries.map((t) => ({ id: t.id, species: cell.species }));
    await this.walk(starts, ends, cell.species.length, reference.length > 0 ? 'training latent' : 'prior');
  }

  async fromRandom(tries: readonly Try[]): Promise<void> {
    const starts: Crystal[] = [];
    const ends: WalkEnd[] = [];
    for (const { id, cell } of tries) {
      const rng = this.rng.fork(`start/${cell.units}/${id}`);
      const start = await stableStart((crystal) => this.relax(crystal), cell.species, rng, this.options.redraws);
      this.progress(cell.species.length);
      if (typeof start === 'string') {
        this.tally.count('no sane random start');
        this.end([id], cell.species.length);
        continue;
      }
      const { crystal, energyPerAtom } = start.relaxation;
      await this.found(crystal, energyPerAtom, [id], 'random start');
      const small = canonicalCell(crystal);
      starts.push(small);
      ends.push({ id, species: small.species });
    }
    if (starts.length === 0) return;
    const { species } = (tries[0] as Try).cell;
    await this.walk(await this.model.encoder.encode(starts), ends, species.length, 'walk from random start');
  }

  outcome(complete: boolean): Outcome {
    return {
      answers: this.answers.ranked(),
      finished: this.ended.size,
      complete,
      rejected: this.tally.toJSON(),
    };
  }

  private async walk(latents: Float32Array, ends: readonly WalkEnd[], atoms: number, source: Source): Promise<void> {
    const { encoder, surrogate, reference } = this.model;
    const { signal } = this.hooks;
    const lower = surrogate ? await walkDownhill(this.optimizer, surrogate, reference, latents, signal) : latents;
    const proposals = await propose(encoder, this.scorer, lower, ends, this.options.draws, this.tally);
    for (const { crystal, tries } of proposals) {
      const result = await this.relax(crystal);
      if (result instanceof LcomsError) this.tally.count('not evaluated');
      else if (!convergenceGuard(result).ok) this.tally.count(`relaxation: ${result.reason ?? 'not converged'}`);
      else if (!solidGuard(result.crystal).ok) this.tally.count('relaxed to overlapping atoms or to no solid');
      else await this.found(result.crystal, result.energyPerAtom, tries, source);
      this.end(tries, atoms);
    }
    // Tries all of whose draws were broken have ended too.
    this.end(
      ends.map(({ id }) => id).filter((id) => !this.ended.has(id)),
      atoms,
    );
  }

  private async relax(crystal: Crystal): Promise<Relaxation | LcomsError> {
    const { fmax, maxSteps } = this.options;
    try {
      return await relax((crystals) => this.scorer.evaluate(crystals), crystal, {
        fmax,
        maxSteps,
        signal: this.hooks.signal,
      });
    } catch (error) {
      if (error instanceof LcomsError) return error;
      throw error;
    }
  }

  private async found(crystal: Crystal, energyPerAtom: number, tries: number[], source: Source): Promise<void> {
    if (await this.answers.add({ crystal, energyPerAtom, tries, source })) {
      this.hooks.onAnswer?.(this.answers.ranked());
    }
  }

  private end(ids: readonly number[], atoms: number): void {
    for (const id of ids) this.ended.add(id);
    this.progress(ids.length * atoms);
  }

  private progress(atoms: number): void {
    this.done += atoms;
    this.hooks.onProgress?.({ fraction: Math.min(1, this.done / this.work), finished: this.ended.size });
  }
}
