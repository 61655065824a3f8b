import { tf } from './tf.js';

type Unary = <T extends tf.Tensor>(x: T) => T;

/** x * sigmoid(x) (also called swish), with one sigmoid shared by value and gradient. */
export const silu: Unary = <T extends tf.Tensor>(x: T): T => siluOp(x) as T;

const siluOp = tf.customGrad((...args) => {
  const [x, save] = args as unknown as [tf.Tensor, tf.GradSaveFunc];
  const gate = tf.sigmoid(x);
  const value = tf.mul(x, gate);
  save([gate, value]);
  const gradFunc = (dy: tf.Tensor, saved: tf.Tensor[]): tf.Tensor => {
    const [s, y] = saved as [tf.Tensor, tf.Tensor];
    return tf.mul(dy, tf.add(s, tf.sub(y, tf.mul(y, s))));
  };
  return { value, gradFunc };
});

/** log(1 + exp(x)); the gradient is the sigmoid. */
export const softplus: Unary = <T extends tf.Tensor>(x: T): T => tf.softplus(x);

/** x where positive, else slope * x. The default slope, 0.3, is the one of the objective models (design-baselines). */
export function leakyRelu<T extends tf.Tensor>(x: T, slope = 0.3): T {
  return tf.leakyRelu(x, slope);
}
