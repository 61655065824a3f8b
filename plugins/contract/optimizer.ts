/** A box of real vectors that an optimizer moves in. For a latent space: standardised latents. */
export interface SearchSpace {
  kind: 'latent' | 'structure';
  dimension: number;
  /** Bounds, length d. Population methods stay inside; gradient descent may leave them (its result is reported as is). */
  lower: Float64Array;
  upper: Float64Array;
  /** Standardised training points (m x d) for methods that keep near the data; empty when there are none. */
  reference: Float32Array;
}

/** Points to evaluate next, k x d row-major, and whether their gradients are wanted. */
export interface Ask {
  points: Float32Array;
  gradients: boolean;
}

/** What the evaluation found, in the order asked. A failed evaluation is NaN. */
export interface Tell {
  values: Float32Array;
  gradients?: Float32Array;
}

/** What a search proposes: points (m x d) and their objective values, best or final ones, one row per start. */
export interface SearchResult {
  points: Float32Array;
  values: Float32Array;
  /** Objective along the search per start, for plots: rows of equal length. */
  trace: Float32Array[];
}

/** One search: ask, evaluate, tell, until ask gives null. */
export interface Search {
  ask(): Ask | null;
  tell(results: Tell): void;
  result(): SearchResult;
  /** Evaluations told so far. */
  readonly evaluations: number;
  /** Everything needed to go on with the same bytes. */
  state(): Uint8Array;
}

export interface Optimizer {
  /** `starts`: k x d points to start from, one search result row each. */
  start(space: SearchSpace, starts: Float32Array): Search;
  restore(space: SearchSpace, state: Uint8Array): Search;
}
