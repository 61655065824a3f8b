import { LcomsError } from '../../schemas/errors.js';

/**
 * A copy of the values that a search was told.
 * @throws LcomsError LCOMS_E_INPUT when they are not as many as were asked for
 */
export function toldValues(optimizer: string, values: Float32Array, asked: number): Float32Array {
  if (values.length === asked) return values.slice();
  throw new LcomsError('LCOMS_E_INPUT', `${optimizer} asked for ${asked} evaluations and was told ${values.length}`);
}
