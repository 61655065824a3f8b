import { nearestSquared, neighbourDistancePercentile } from '../../../lib/search/nearest-reference.js';
import { LcomsError } from '../../../schemas/errors.js';
import type { SearchSpace } from '../../contract/optimizer.js';
import type { LatentGradientOptions } from './options.js';

/**
 * How far from the training latents each start may go; Infinity with `stop: steps`. A start that lies farther out than the
 * percentile may move, as long as it does not get farther away.
 * @throws LcomsError LCOMS_E_INPUT when `stop: distance` lacks training latents
 */
export function distanceLimits(
  name: string,
  space: SearchSpace,
  starts: Float32Array,
  options: LatentGradientOptions,
): number[] {
  const d = space.dimension;
  const rows = Array.from({ length: starts.length / d }, (_, i) => starts.subarray(i * d, (i + 1) * d));
  if (options.stop === 'steps') return rows.map(() => Number.POSITIVE_INFINITY);
  const usual = neighbourDistancePercentile(space.reference, d, options.percentile);
  if (Number.isNaN(usual)) {
    throw new LcomsError('LCOMS_E_INPUT', `${name} with stop: distance needs at least two training latents`, {
      hint: 'Use stop: steps, or give the search space its training latents.',
    });
  }
  return rows.map((row) => Math.max(usual, Math.sqrt(nearestSquared(row, space.reference))));
}
