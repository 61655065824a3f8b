import type { Crystal } from '../../schemas/crystal.js';

/** A box of real vectors that an optimizer moves in. For a latent space: standardised latents. */
export interface SearchSpace {
  kind: 'latent' | 'structure';
  dimension: number;
  /** Bounds, length d. Population methods stay inside; gradient descent may leave them (its result is reported as is). */
  lower: Float64Array;
  upper: Float64Array;
  /** Standardised training points (m x d) for methods that keep near the data; empty when there are none. */
  reference: Float32Array;
  /** Structure spaces: the crystals behind the points, for methods that move atoms and cells themselves. */
  structures?: Structures;
}

/** The crystals of a structure space. */
export interface Structures {
  /** The atoms of every one of them. */
  readonly species: readonly string[];
  /** A^3: smallest and largest cell. */
  readonly volumes: readonly [number, number];
  /** The crystal at a point of the box, or why there is none. */
  at(point: ArrayLike<number>): { crystal: Crystal } | { rejected: string };
  /** Why a crystal is none of the space (other atoms, too near, too dense, a layer without atoms); null when it is one. */
  refusal(crystal: Crystal): string | null;
}

/** Points to evaluate next, k x d row-major, and whether their gradients are wanted. */
export interface Ask {
  points: Float32Array;
  gradients: boolean;
  /** In a structure space, instead of points (then empty): crystals of the space to evaluate. */
  crystals?: Crystal[];
}

/** What the evaluation found, in the order asked. A failed evaluation is NaN. */
export interface Tell {
  values: Float32Array;
  gradients?: Float32Array;
  /** Where crystals were asked for: what each has become, relaxed where the evaluation relaxes; null where it failed. */
  crystals?: (Crystal | null)[];
}

/** What a search proposes: points (m x d) and their objective values, best or final ones, one row per start. */
export interface SearchResult {
  points: Float32Array;
  values: Float32Array;
  /** Objective along the search per start, for plots: rows of equal length. */
  trace: Float32Array[];
  /** From a search that asks for crystals, instead of points: one per start, null where every evaluation failed. */
  crystals?: (Crystal | null)[];
}

/** One search: ask, evaluate, tell, until ask gives null. */
export interface Search {
  ask(): Ask | null;
  tell(results: Tell): void;
  /** May be called before the search has ended: a budget of CPU time cuts it short. */
  result(): SearchResult;
  /** Evaluations told so far. */
  readonly evaluations: number;
  /** What else is worth recording, e.g. proposals that were repaired. */
  readonly counts?: Readonly<Record<string, number>>;
  /** Everything needed to go on with the same bytes. */
  state(): Uint8Array;
}

export interface Optimizer {
  /** `starts`: k x d points to start from, one search result row each. */
  start(space: SearchSpace, starts: Float32Array): Search;
  restore(space: SearchSpace, state: Uint8Array): Search;
}
