import { type Kernels, kernels, recording, type Value } from '../../../lib/tensor/kernels.js';
import type { Dense, Parameters } from '../../../lib/tensor/parameters.js';
import { tf } from '../../../lib/tensor/tf.js';
import type { NetworkOptions } from './options.js';

/** Weights of a round, in the order in which their gradients come back. */
const WEIGHTS = ['send', 'filter', 'receive', 'receiveBias', 'update', 'updateBias'] as const;
type Weights<T> = Record<(typeof WEIGHTS)[number], T>;

/** What the gradient needs beside the inputs. */
const RECORD = ['sent', 'filters', 'received', 'gate', 'hidden'] as const;
type BlockRecord = Record<(typeof RECORD)[number], Value>;

interface Sizes {
  crystals: number;
  n: number;
}

/**
 * One round of messages (SchNet's interaction block): x_i + W3 silu(W2 m_i + b2) + b3, with m_i the sum over senders j of
 * (W1 x_j) times the filter of the pair. Values and gradient are written out over raw kernels, at a third of the cost of
 * recorded ops: tensors are so small that dispatch costs more than what they compute.
 */
export class Interaction {
  private readonly weights: Weights<tf.Tensor>;

  constructor(parameters: Parameters, name: string, { width, radialFunctions }: NetworkOptions) {
    const send = parameters.dense(`${name}.send`, width, width, { bias: false });
    // Without a bias: where there is no edge nothing is sent.
    const filter = parameters.dense(`${name}.filter`, radialFunctions, width, { bias: false });
    const receive = parameters.dense(`${name}.receive`, width, width);
    const update = parameters.dense(`${name}.update`, width, width);
    const bias = ({ bias: b }: Dense): tf.Tensor => b as tf.Tensor;
    this.weights = {
      send: send.weight,
      filter: filter.weight,
      receive: receive.weight,
      receiveBias: bias(receive),
      update: update.weight,
      updateBias: bias(update),
    };
  }

  /**
   * @param atoms [C n, width]
   * @param pairs [C n n, radialFunctions]
   * @param by what else gradients are wanted by: the weights (training), or the pairs (forces)
   */
  apply(atoms: tf.Tensor2D, pairs: tf.Tensor2D, sizes: Sizes, by: 'weights' | 'pairs'): tf.Tensor2D {
    const given = by === 'pairs' ? [pairs] : WEIGHTS.map((name) => this.weights[name]);
    const op = tf.customGrad((...args) => {
      const save = args.at(-1) as unknown as tf.GradSaveFunc;
      const k = kernels();
      return k.scope(() => {
        const { value, record } = forward(k, k.of(atoms), k.of(pairs), this.values(k), sizes);
        // What is not saved may be gone by then.
        if (recording()) save([atoms, pairs, ...RECORD.map((name) => k.tensor(record[name]))]);
        const gradFunc = (dy: tf.Tensor, saved: tf.Tensor[]): tf.Tensor[] =>
          k.scope(() => {
            const [x, g, ...rest] = saved.map((tensor) => k.of(tensor)) as [Value, Value, ...Value[]];
            const left = Object.fromEntries(RECORD.map((name, i) => [name, rest[i]])) as BlockRecord;
            const inputs = { atoms: x, pairs: g, weights: this.values(k), record: left };
            return backward(k, inputs, k.of(dy), sizes, by).map((x) => k.tensor(x));
          });
        return { value: k.tensor(value), gradFunc };
      });
    });
    return op(atoms, ...given) as tf.Tensor2D;
  }

  private values(k: Kernels): Weights<Value> {
    return Object.fromEntries(WEIGHTS.map((name) => [name, k.of(this.weights[name])])) as Weights<Value>;
  }
}

function forward(k: Kernels, atoms: Value, pairs: Value, w: Weights<Value>, { crystals, n }: Sizes) {
  const width = atoms.shape[1] as number;
  const sent = k.matMul(atoms, w.send);
  const filters = k.matMul(pairs, w.filter);
  const messages = k.mul(k.reshape(filters, [crystals, n, n * width]), k.reshape(sent, [crystals, 1, n * width]));
  const received = k.sum(k.reshape(messages, [crystals * n, n, width]), 1);
  const linear = k.add(k.matMul(received, w.receive), w.receiveBias);
  const gate = k.sigmoid(linear);
  const hidden = k.mul(linear, gate);
  const value = k.add(atoms, k.add(k.matMul(hidden, w.update), w.updateBias));
  return { value, record: { sent, filters, received, gate, hidden } };
}

/** Gradients by the atoms, then by the pairs or by the weights in their order. */
function backward(
  k: Kernels,
  { atoms, pairs, weights: w, record }: { atoms: Value; pairs: Value; weights: Weights<Value>; record: BlockRecord },
  dy: Value,
  { crystals, n }: Sizes,
  by: 'weights' | 'pairs',
): Value[] {
  const { sent, filters, received, gate, hidden } = record;
  const width = atoms.shape[1] as number;
  // silu' = s + silu (1 - s)
  const slope = k.add(gate, k.sub(hidden, k.mul(hidden, gate)));
  const linear = k.mul(k.matMul(dy, w.update, false, true), slope);
  const toReceiver = k.reshape(k.matMul(linear, w.receive, false, true), [crystals, n, 1, width]);
  const ofFilters = k.reshape(k.mul(toReceiver, k.reshape(sent, [crystals, 1, n, width])), [crystals * n * n, width]);
  const ofMessages = k.reshape(k.mul(k.reshape(filters, [crystals, n, n, width]), toReceiver), [
    crystals,
    n,
    n * width,
  ]);
  const ofSent = k.reshape(k.sum(ofMessages, 1), [crystals * n, width]);
  const ofAtoms = k.add(dy, k.matMul(ofSent, w.send, false, true));
  if (by === 'pairs') return [ofAtoms, k.matMul(ofFilters, w.filter, false, true)];
  return [
    ofAtoms,
    k.matMul(atoms, ofSent, true),
    k.matMul(pairs, ofFilters, true),
    k.matMul(received, linear, true),
    k.sum(linear, 0),
    k.matMul(hidden, dy, true),
    k.sum(dy, 0),
  ];
}
