import { silu } from './activations.js';
import { type DenseWeights, linear } from './linear.js';
import { RawOps } from './raw-ops.js';
import { tf } from './tf.js';

type Raw = ReturnType<RawOps['of']>;

/** A dense layer of which `scale` times the weight is used: a factor costs less on a weight than on all rows. */
export interface ScaledDense extends DenseWeights {
  scale?: number;
}

/**
 * silu(x @ (scale weight) + bias), [rows, in] to [rows, out]. On the native backend the gradient is written by hand and
 * keeps one tensor of [rows, out] beside the result.
 */
export function siluDense(x: tf.Tensor2D, layer: ScaledDense): tf.Tensor2D {
  if (RawOps.begin() === null) return silu(linear(x, scaled(layer), layer.bias));
  const { weight, bias, scale = 1 } = layer;
  const op = tf.customGrad((...args) => {
    const save = args.at(-1) as unknown as tf.GradSaveFunc;
    const [v, w, b] = args.slice(0, -1) as [tf.Tensor2D, tf.Tensor2D, tf.Tensor1D?];
    const ops = RawOps.begin() as RawOps;
    const linearPart = forward(ops, ops.of(v), w, b, scale);
    const value = ops.keep<tf.Tensor2D>(ops.silu(linearPart));
    const z = ops.keep<tf.Tensor2D>(linearPart);
    ops.end();
    save([v, w, z]);
    const gradFunc = (dy: tf.Tensor, saved: tf.Tensor[]): tf.Tensor[] => {
      const raw = RawOps.begin() as RawOps;
      const [input, ...rest] = saved.map((t) => raw.of(t)) as [Raw, Raw, Raw];
      const dz = raw.mul(raw.of(dy), siluSlope(raw, rest[1]).slope);
      const gradients = backward(raw, input, rest[0], dz, scale, b !== undefined);
      const kept = [gradients.x, gradients.weight, ...gradients.bias].map((t) => raw.keep(t));
      raw.end();
      return kept;
    };
    return { value, gradFunc };
  });
  return op(...([x, weight, ...(bias === null ? [] : [bias])] as tf.Tensor[])) as tf.Tensor2D;
}

/**
 * skip (x + silu(second(silu(first(x))))), [rows, width] to the same. On the native backend the gradient is written by
 * hand: of the block it keeps the two inputs of the activations alone, and computes the rest again.
 * @param skip factor of the sum, 1 by default
 */
export function siluResidual(x: tf.Tensor2D, first: ScaledDense, second: ScaledDense, skip = 1): tf.Tensor2D {
  if (RawOps.begin() === null) {
    const sum = tf.add(x, siluDense(siluDense(x, first), second)) as tf.Tensor2D;
    return skip === 1 ? sum : tf.mul(sum, skip);
  }
  const [g1, g2] = [first.scale ?? 1, second.scale ?? 1];
  const biased = first.bias !== null && second.bias !== null;
  const op = tf.customGrad((...args) => {
    const save = args.at(-1) as unknown as tf.GradSaveFunc;
    const [v, w1, w2, b1, b2] = args.slice(0, -1) as [
      tf.Tensor2D,
      tf.Tensor2D,
      tf.Tensor2D,
      tf.Tensor1D?,
      tf.Tensor1D?,
    ];
    const ops = RawOps.begin() as RawOps;
    const input = ops.of(v);
    const z1 = forward(ops, input, w1, b1, g1);
    const z2 = forward(ops, ops.silu(z1), w2, b2, g2);
    const sum = ops.add(input, ops.silu(z2));
    const value = ops.keep<tf.Tensor2D>(skip === 1 ? sum : ops.mul(sum, ops.scalar(skip)));
    save([v, w1, w2, ops.keep(z1), ops.keep(z2)]);
    ops.end();
    const gradFunc = (dy: tf.Tensor, saved: tf.Tensor[]): tf.Tensor[] => {
      const raw = RawOps.begin() as RawOps;
      const [x0, weight1, weight2, linear1, linear2] = saved.map((t) => raw.of(t)) as [Raw, Raw, Raw, Raw, Raw];
      const direct = skip === 1 ? raw.of(dy) : raw.mul(raw.of(dy), raw.scalar(skip));
      const inner = siluSlope(raw, linear1);
      const dz2 = raw.mul(direct, siluSlope(raw, linear2).slope);
      const outer = backward(raw, raw.mul(linear1, inner.gate), weight2, dz2, g2, biased);
      const dz1 = raw.mul(outer.x, inner.slope);
      const own = backward(raw, x0, weight1, dz1, g1, biased);
      const all = [raw.add(direct, own.x), own.weight, outer.weight, ...own.bias, ...outer.bias];
      const kept = all.map((t) => raw.keep(t));
      raw.end();
      return kept;
    };
    return { value, gradFunc };
  });
  const biases = biased ? [first.bias, second.bias] : [];
  return op(...([x, first.weight, second.weight, ...biases] as tf.Tensor[])) as tf.Tensor2D;
}

const scaled = ({ weight, scale = 1 }: ScaledDense): tf.Tensor2D => (scale === 1 ? weight : tf.mul(weight, scale));

function forward(ops: RawOps, x: Raw, weight: tf.Tensor2D, bias: tf.Tensor1D | undefined, scale: number): Raw {
  const product = ops.matMul(x, times(ops, ops.of(weight), scale));
  return bias === undefined ? product : ops.addBias(product, ops.of(bias));
}

function backward(
  ops: RawOps,
  x: Raw,
  weight: Raw,
  dz: Raw,
  scale: number,
  biased: boolean,
): { x: Raw; weight: Raw; bias: Raw[] } {
  return {
    x: ops.matMul(dz, times(ops, weight, scale), false, true),
    weight: times(ops, ops.matMul(x, dz, true), scale),
    bias: biased ? [ops.sumRows(dz)] : [],
  };
}

const times = (ops: RawOps, x: Raw, scale: number): Raw => (scale === 1 ? x : ops.mul(x, ops.scalar(scale)));

/** sigmoid(z), and the derivative of silu: s + z s (1 - s). */
function siluSlope(ops: RawOps, z: Raw): { gate: Raw; slope: Raw } {
  const gate = ops.sigmoid(z);
  return { gate, slope: ops.add(gate, ops.sigmoidGradient(gate, z)) };
}
