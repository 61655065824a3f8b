import { LcomsError } from '../../schemas/errors.js';
import type { SearchSpace } from '../contract/optimizer.js';

/**
 * The rows of `starts` (k x d), as views.
 * @throws LcomsError LCOMS_E_INPUT when they are not whole rows of the space's dimension, or not finite.
 */
export function startRows(optimizer: string, space: SearchSpace, starts: Float32Array): Float32Array[] {
  const d = space.dimension;
  if (starts.length % d !== 0) {
    throw new LcomsError(
      'LCOMS_E_INPUT',
      `${optimizer}: ${starts.length} numbers are not whole starts of dimension ${d}`,
    );
  }
  const bad = starts.findIndex((x) => !Number.isFinite(x));
  if (bad >= 0)
    throw new LcomsError('LCOMS_E_INPUT', `${optimizer}: start ${Math.floor(bad / d)} holds ${starts[bad]}`);
  return Array.from({ length: starts.length / d }, (_, i) => starts.subarray(i * d, (i + 1) * d));
}

/** @throws LcomsError LCOMS_E_INPUT for bounds that are reversed or not finite. */
export function checkBounds(optimizer: string, { dimension, lower, upper }: SearchSpace): void {
  for (let j = 0; j < dimension; j++) {
    const [low, high] = [lower[j], upper[j]];
    if (!Number.isFinite(low) || !Number.isFinite(high)) {
      throw new LcomsError(
        'LCOMS_E_INPUT',
        `${optimizer} needs a search space with finite bounds; those of dimension ${j} are ${low} and ${high}`,
      );
    }
    if ((low as number) > (high as number)) {
      throw new LcomsError(
        'LCOMS_E_INPUT',
        `${optimizer}: the bounds of dimension ${j} are reversed, ${low} and ${high}`,
      );
    }
  }
}
