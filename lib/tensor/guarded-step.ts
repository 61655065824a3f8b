import { LcomsError } from '../../schemas/errors.js';
import type { Adam } from './adam.js';
import { kernels } from './kernels.js';
import type { Parameters } from './parameters.js';
import { tf } from './tf.js';

/**
 * One step of Adam unless the loss or an element of its gradient is NaN or infinite: then nothing changes.
 * @param largest norm of the whole gradient over which it is scaled down to it; none by default
 * @throws NotFinite
 */
export function guardedStep(
  parameters: Parameters,
  adam: Pick<Adam, 'step'>,
  loss: () => tf.Scalar,
  largest = Number.POSITIVE_INFINITY,
): void {
  tf.tidy(() => {
    const { loss: value, gradients } = parameters.gradients(loss);
    if (!Number.isFinite(value.dataSync()[0])) throw new NotFinite('the loss');
    const squares = halfSquares([...gradients.values()]);
    if (!Number.isFinite(squares) && !allFinite([...gradients.values()]))
      throw new NotFinite('an element of the gradient');
    const norm = Math.sqrt(2 * squares);
    if (!(norm > largest)) adam.step(gradients);
    else adam.step(new Map([...gradients].map(([name, gradient]) => [name, tf.mul(gradient, largest / norm)])));
  });
}

/** Half the sum of the squares of all numbers. */
function halfSquares(tensors: readonly tf.Tensor[]): number {
  const k = kernels();
  const [squares] = k.scope(() => k.numbers(k.addAll(tensors.map((x) => k.halfSquares(k.of(x))))));
  return squares as number;
}

/** Whether no number of any tensor is NaN or infinite. */
export function allFinite(tensors: readonly tf.Tensor[]): boolean {
  if (Number.isFinite(halfSquares(tensors))) return true;
  // Squares overflow before numbers do. Zero times anything finite is zero.
  return tf.addN(tensors.map((x) => tf.sum(tf.mul(x, 0)))).dataSync()[0] === 0;
}

/** Says what is NaN or infinite; {@link divergence} makes a user's error of it. */
export class NotFinite extends Error {}

/** Most crystals that an error names. */
const NAMED = 32;

/** The error that ends training which has come to NaN or infinity, with all that is needed to look into it. */
export function divergence(
  what: NotFinite,
  step: number,
  rows: readonly { id: string }[],
  checkpoint: number | null,
): LcomsError {
  const ids = rows.slice(0, NAMED).map(({ id }) => id);
  const more = rows.length > NAMED ? ` and ${rows.length - NAMED} more` : '';
  const last = checkpoint === null ? 'there is no checkpoint yet' : `the last good checkpoint is at step ${checkpoint}`;
  return new LcomsError(
    'LCOMS_E_RUN_FAILED',
    `${what.message} is not a finite number at step ${step}; crystals of the batch: ${ids.join(', ')}${more}; ${last}`,
    { hint: 'Look at the crystals named, or lower learningRate.', cause: what },
  );
}
