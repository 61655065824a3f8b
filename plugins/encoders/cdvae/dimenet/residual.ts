import type { Parameters } from '../../../../lib/tensor/parameters.js';
import { siluResidual } from '../../../../lib/tensor/silu-layers.js';
import type { tf } from '../../../../lib/tensor/tf.js';
import { orthogonalDense } from './orthogonal.js';

/** x + silu(W2 silu(W1 x)): [rows, width] to the same. */
export class ResidualLayer {
  private readonly first;
  private readonly second;

  constructor(parameters: Parameters, name: string, width: number) {
    this.first = orthogonalDense(parameters, `${name}.first`, width, width);
    this.second = orthogonalDense(parameters, `${name}.second`, width, width);
  }

  apply(x: tf.Tensor2D): tf.Tensor2D {
    return siluResidual(x, this.first, this.second);
  }
}

/** `count` residual layers, `NAME0`, `NAME1`, ... */
export function residualLayers(parameters: Parameters, name: string, width: number, count: number): ResidualLayer[] {
  return Array.from({ length: count }, (_, k) => new ResidualLayer(parameters, `${name}${k}`, width));
}
