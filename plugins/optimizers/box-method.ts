import type { Rng } from '../../lib/random/rng.js';

/** What a method knows of its row. Points of a method lie in the unit cube: 0 is the lower bound, 1 the upper one. */
export interface BoxRow {
  dimension: number;
  /** The row's start in the unit cube; a start outside the box has been moved to its nearest face. */
  start: Float64Array;
  /** The row's own stream. */
  rng: Rng;
  /** Evaluations that the row will have. */
  budget: number;
}

/** Everything that a method needs to go on with the same bytes; the stream is kept for it. */
export interface MethodState {
  /** What JSON carries. */
  values: Record<string, unknown>;
  arrays: Record<string, Float64Array>;
}

/** One search of one row in the unit cube. Less is better. */
export interface BoxMethod {
  /** Points to evaluate next, n x d with 1 <= n <= room, inside the unit cube. Called once before each `learn`. */
  propose(room: number): Float64Array;
  /** What came out, in the order proposed. A failed evaluation is NaN, whatever it was told as. */
  learn(points: Float64Array, values: Float64Array): void;
  state(): MethodState;
}

/** A method at its beginning, or where it was when `saved` was taken. */
export type MakeMethod = (row: BoxRow, saved?: MethodState) => BoxMethod;
