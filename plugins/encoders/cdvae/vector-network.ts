import { type Kernels, kernels, recording, type Value } from '../../../lib/tensor/kernels.js';
import type { Parameters } from '../../../lib/tensor/parameters.js';
import { tf } from '../../../lib/tensor/tf.js';
import type { MessageMatrices } from './messages.js';
import {
  type AtomState,
  applyBlock,
  BLOCK_WEIGHTS,
  type BlockGeometry,
  type BlockRecord,
  type BlockWeights,
} from './vector-block.js';
import { blockGradient, type StateGradient } from './vector-block-gradient.js';

export interface VectorBlockSizes {
  width: number;
  messageWidth: number;
  hiddenWidth: number;
  radialFunctions: number;
}

/** Channels that a caller reads: `both` are the scalars' rows, then the vectors'. */
export type Wanted = keyof AtomState | 'both';

/** Some values by name; null where there is none. */
type Part = Record<string, Value | null>;

/** Adds a block's weights; gives their names in order. */
function addBlock(parameters: Parameters, name: string, sizes: VectorBlockSizes, first: boolean): string[] {
  const { width, messageWidth, hiddenWidth, radialFunctions } = sizes;
  parameters.dense(`${name}.send`, width, width);
  if (!first) parameters.dense(`${name}.sendVectors`, width, width, { bias: false });
  parameters.dense(`${name}.filter`, width, radialFunctions * messageWidth, { bias: false });
  parameters.dense(`${name}.mix`, messageWidth + (first ? 0 : width), 2 * width, { bias: false });
  parameters.dense(`${name}.mixQuadrupoles`, messageWidth, messageWidth, { bias: false });
  const seen = 2 * width + 2 * messageWidth;
  parameters.layerNorm(`${name}.norm`, seen);
  parameters.dense(`${name}.update`, seen, hiddenWidth);
  parameters.dense(`${name}.out`, hiddenWidth, 2 * width);
  return BLOCK_WEIGHTS.slice(0, first ? -1 : undefined).map((weight) => `${name}.${weight}`);
}

/**
 * A rotation-equivariant network in the PaiNN family (Schütt et al. 2021). Each block sends messages through radial
 * filters and directions, then updates scalars by the lengths of vectors and vectors by gates from scalars. Vectors
 * only ever get mixed over channels and scaled, so they turn with the crystal. The first block starts from scalars.
 *
 * Differences from PaiNN: filters act on what a neighbour sends as one matrix product with the geometry summed over
 * periodic images (messages.ts), so that no tensor has a row per edge; vector messages are not gated by scalars; the
 * update also sees the lengths of quadrupoles of the neighbours (second-order harmonics), which PaiNN has not; what the
 * update sees is layer-normed, because products of unbounded lengths and gates run away on cells unlike the others.
 *
 * Values and gradient are written out over raw kernels (vector-block.ts, vector-block-gradient.ts): the tensors are so
 * small that the dispatch of some hundred recorded ops a block costs more than what they compute.
 */
export class VectorNetwork {
  private readonly blocks: string[][];

  constructor(
    private readonly parameters: Parameters,
    name: string,
    sizes: VectorBlockSizes,
    blocks: number,
  ) {
    this.blocks = Array.from({ length: blocks }, (_, i) => addBlock(parameters, `${name}.block${i}`, sizes, i === 0));
  }

  /**
   * @param first scalars at the start, [C n, width]
   * @returns scalars [C n, width], vectors [C, 3, n, width] as rows [3 C n, width], or one after the other [4 C n, width]
   */
  apply(first: tf.Tensor2D, geometry: MessageMatrices, wanted: Wanted): tf.Tensor2D {
    const variables = this.blocks.flat().map((name) => this.parameters.get(name) as tf.Tensor);
    const op = tf.customGrad((...args) => {
      const save = args.pop() as unknown as tf.GradSaveFunc;
      const inputs = args as unknown as tf.Tensor[];
      const k = kernels();
      return k.scope(() => {
        const { scalars, radial, directions } = geometry;
        const matrices = { scalars: k.of(scalars), radial: k.of(radial), directions: k.of(directions) };
        const [start, ...weights] = inputs.map((x) => k.of(x)) as [Value, ...Value[]];
        const blocks = { ...geometry, ...matrices };
        let state: AtomState = { scalars: start, vectors: null };
        const records: BlockRecord[] = [];
        for (const block of this.split(weights)) {
          const applied = applyBlock(k, block, state, blocks);
          state = applied.state;
          records.push(applied.record);
        }
        const value = k.tensor(
          wanted === 'both' ? k.concat([state.scalars, state.vectors as Value], 0) : (state[wanted] as Value),
        );
        const parts: Part[] = [
          Object.fromEntries(weights.entries()),
          matrices,
          ...records.map((record) => ({ ...record })),
        ];
        if (recording()) save(parts.flatMap((part) => valuesOf(part).map((x) => k.tensor(x))));
        const gradFunc = (dy: tf.Tensor, saved: tf.Tensor[]): tf.Tensor[] =>
          k.scope(() => {
            const left = saved.map((x) => k.of(x));
            const [first, second, ...kept] = parts.map((part) => withValues(part, left)) as [Part, Part, ...Part[]];
            const given = stateGradient(k, k.of(dy), wanted);
            const here = { ...blocks, ...second } as BlockGeometry;
            return this.gradients(k, this.split(valuesOf(first)), kept as unknown as BlockRecord[], here, given).map(
              (x) => k.tensor(x),
            );
          });
        return { value, gradFunc };
      });
    });
    return op(first, ...variables) as tf.Tensor2D;
  }

  private split(weights: readonly Value[]): BlockWeights[] {
    let at = 0;
    return this.blocks.map((names) => {
      const own = weights.slice(at, at + names.length);
      at += names.length;
      return Object.fromEntries(own.map((w, i) => [BLOCK_WEIGHTS[i], w])) as unknown as BlockWeights;
    });
  }

  /** Gradients by the scalars at the start and by all weights, in their order. */
  private gradients(
    k: Kernels,
    weights: BlockWeights[],
    records: BlockRecord[],
    geometry: BlockGeometry,
    last: StateGradient,
  ): Value[] {
    let given = last;
    const byBlock: Value[][] = [];
    for (let i = weights.length - 1; i >= 0; i--) {
      const block = weights[i] as BlockWeights;
      const { state, weights: own } = blockGradient(k, block, records[i] as BlockRecord, geometry, given);
      given = state;
      byBlock.unshift(BLOCK_WEIGHTS.filter((name) => own[name] !== undefined).map((name) => own[name] as Value));
    }
    return [given.scalars as Value, ...byBlock.flat()];
  }
}

/** The gradient by the channels that were read as one by the state. */
function stateGradient(k: Kernels, dy: Value, wanted: Wanted): StateGradient {
  if (wanted !== 'both') return { scalars: null, vectors: null, [wanted]: dy };
  const atoms = (dy.shape[0] as number) / 4;
  const [scalars, vectors] = k.split(dy, [atoms, 3 * atoms], 0) as [Value, Value];
  return { scalars, vectors };
}

const valuesOf = (part: Part): Value[] => Object.values(part).filter((x) => x !== null);

/** The part with its values taken from the front of a list, where {@link valuesOf} put them. */
const withValues = (part: Part, values: Value[]): Part =>
  Object.fromEntries(Object.entries(part).map(([key, x]) => [key, x === null ? null : (values.shift() as Value)]));
