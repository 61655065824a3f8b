/** What a model file needs: a set of parameters, dense layers, normalisation and activations. */
export { leakyRelu, silu, softplus } from './activations.js';
export type { DenseInit } from './initializers.js';
export { type Dense, type DenseWeights, layerNorm, linear } from './linear.js';
export { type LossAndGradients, Parameters } from './parameters.js';
