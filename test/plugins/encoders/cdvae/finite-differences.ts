import { expect } from 'vitest';
import type { Rng } from '../../../../lib/random/rng.js';
import type { Parameters } from '../../../../lib/tensor/parameters.js';
import { tf } from '../../../../lib/tensor/tf.js';

/**
 * Every parameter takes part in the loss, and the gradient along a random direction of each agrees with finite differences.
 * @param floor difference that is allowed of a slope of nothing
 */
export function expectGradientsOf(loss: () => tf.Scalar, parameters: Parameters, rng: Rng, floor: number): void {
  const { gradients } = parameters.gradients(loss);
  expect([...gradients.keys()].sort()).toEqual(parameters.names().sort());
  for (const [name, variable] of parameters.entries()) {
    const direction = new Float32Array(variable.size);
    rng.fork(name).fillNormal(direction);
    const length = Math.hypot(...direction);
    const unit = tf.tensor(
      direction.map((x) => x / length),
      variable.shape,
    );
    const gradient = gradients.get(name) as tf.Tensor;
    const slope = tf.tidy(() => tf.sum(tf.mul(gradient, unit)).dataSync()[0] as number);
    const size = tf.tidy(() => tf.norm(gradient).dataSync()[0] as number);
    const start = variable.clone();
    const valueAt = (h: number) =>
      tf.tidy(() => {
        variable.assign(tf.add(start, tf.mul(unit, h)));
        return loss().dataSync()[0] as number;
      });
    const h = 0.02;
    // Fourth order: float32 values leave no room for a small step.
    const measured = (8 * (valueAt(h) - valueAt(-h)) - (valueAt(2 * h) - valueAt(-2 * h))) / (12 * h);
    variable.assign(start);
    expect(Math.abs(measured - slope), name).toBeLessThan(floor + 0.01 * (Math.abs(slope) + 0.1 * size));
  }
}
