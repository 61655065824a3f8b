import type { Rng } from '../random/rng.js';

/**
 * How a dense layer starts. Weights are uniform in +-limit:
 * - `torch`: 1/sqrt(in), for the bias too (the default of torch.nn.Linear);
 * - `kaiming`: sqrt(6/in), for ReLU-like activations (He et al. 2015), bias zero;
 * - `glorot`: sqrt(6/(in+out)) (Glorot and Bengio 2010, the default of Keras), bias zero;
 * - `zeros`: all zero.
 */
export type DenseInit = 'torch' | 'kaiming' | 'glorot' | 'zeros';

/** The bound of the uniform distribution of the weights of a dense layer. */
export function weightLimit(init: DenseInit, inputs: number, outputs: number): number {
  switch (init) {
    case 'torch':
      return 1 / Math.sqrt(inputs);
    case 'kaiming':
      return Math.sqrt(6 / inputs);
    case 'glorot':
      return Math.sqrt(6 / (inputs + outputs));
    case 'zeros':
      return 0;
  }
}

/** `size` numbers uniform in [-limit, limit). */
export function uniformValues(rng: Rng, size: number, limit: number): Float32Array {
  const values = new Float32Array(size);
  if (limit > 0) for (let i = 0; i < size; i++) values[i] = (2 * rng.uniform() - 1) * limit;
  return values;
}
