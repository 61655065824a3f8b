import { tf } from './tf.js';

/** Comparisons that tfjs has no gradient for, though they may lie between a parameter and the loss (tf.where). */
const COMPARISONS = ['Greater', 'Less', 'LessEqual', 'Equal', 'NotEqual'];

/**
 * Mends the gradients of tfjs 4.22 on every backend: comparisons get the zero gradient that GreaterEqual has, and
 * cumulative sums along any axis but the last get the right shape (the stock one forgets to transpose back).
 */
export function registerGradients(): void {
  for (const kernelName of COMPARISONS) {
    if (tf.getGradient(kernelName)) continue;
    tf.registerGradient({
      kernelName,
      inputsToSave: ['a', 'b'],
      gradFunc: (_dy, saved) => {
        const [a, b] = saved as [tf.Tensor, tf.Tensor];
        return { a: () => tf.zerosLike(a), b: () => tf.zerosLike(b) };
      },
    });
  }
  tf.unregisterGradient('Cumsum');
  tf.registerGradient({
    kernelName: 'Cumsum',
    gradFunc: (dy, _saved, attrs) => {
      const { axis, exclusive, reverse } = attrs as unknown as { axis: number; exclusive: boolean; reverse: boolean };
      return { x: () => tf.cumsum(dy as tf.Tensor, axis, exclusive, !reverse) };
    },
  });
}
