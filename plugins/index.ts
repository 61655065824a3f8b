/** The public interface: what a plugin or a configuration imports from `lcoms`. */

export { Rng } from '../lib/random/rng.js';
export type { Evaluation } from '../lib/scoring/evaluation.js';
export type { Composition, Crystal, Mat3, Vec3 } from '../schemas/crystal.js';
export { LcomsError } from '../schemas/errors.js';
export type { ScorerIdentity } from '../schemas/score.js';
export { defineConfig, type LcomsConfig } from './config.js';
export * from './contract/index.js';
export type { BoxMethod, BoxRow, MakeMethod, MethodState } from './optimizers/box-method.js';
export { BoxSearch } from './optimizers/box-search.js';
