import type { Kernels, Value as T } from '../../../lib/tensor/kernels.js';

/** The matrices of messages.ts as values. */
export interface BlockGeometry {
  crystals: number;
  n: number;
  scalars: T;
  radial: T;
  directions: T;
}

/** Names of a block's weights in the order in which they are given and gradients come back. */
export const BLOCK_WEIGHTS = [
  'send.weight',
  'send.bias',
  'filter.weight',
  'mix.weight',
  'mixQuadrupoles.weight',
  'norm.weight',
  'norm.bias',
  'update.weight',
  'update.bias',
  'out.weight',
  'out.bias',
  'sendVectors.weight',
] as const;
/** A first block has no `sendVectors`. */
export type BlockWeights = { readonly [K in Exclude<(typeof BLOCK_WEIGHTS)[number], 'sendVectors.weight'>]: T } & {
  readonly 'sendVectors.weight'?: T;
};

/** Under the roots of lengths: keeps their slopes finite where symmetry makes lengths vanish. */
const LENGTH_FLOOR = 1e-2;
const NORM_EPSILON = 1e-5;

/** Scalar channels [C n, F] and vector channels [C, 3, n, F], as rows [3 C n, F]; null before the first block. */
export interface AtomState {
  scalars: T;
  vectors: T | null;
}

/** What the gradient of a block needs: the state it was given and tensors on the way. */
export interface BlockRecord {
  scalars: T;
  vectors: T | null;
  sendGate: T;
  sentScalars: T;
  sentVectors: T | null;
  old: T;
  measured: T;
  carried: T;
  lengths: T;
  quadrupoles: T;
  bent: T;
  bentLengths: T;
  standardised: T;
  inverse: T;
  normed: T;
  updateGate: T;
  hidden: T;
  gate: T;
}

/** x * sigmoid(x) and the sigmoid. */
function silu(k: Kernels, x: T): [value: T, gate: T] {
  const gate = k.sigmoid(x);
  return [k.mul(x, gate), gate];
}

/** Lengths over the components of [C, components, n, F], given as rows: [C n, F]. */
function lengths(k: Kernels, rows: T, components: number, { crystals, n }: BlockGeometry): T {
  const width = rows.shape[1] as number;
  const squares = k.reshape(k.square(rows), [crystals, components, n * width]);
  return k.reshape(k.sqrt(k.addNumber(k.sum(squares, 1), LENGTH_FLOOR)), [crystals * n, width]);
}

/**
 * Values of a block (see vector-network.ts) and what its gradient needs.
 */
export function applyBlock(
  k: Kernels,
  weights: BlockWeights,
  state: AtomState,
  geometry: BlockGeometry,
): { state: AtomState; record: BlockRecord } {
  const { crystals, n } = geometry;
  const { scalars, vectors } = state;
  const atoms = crystals * n;
  const width = scalars.shape[1] as number;
  const messageWidth = weights['mixQuadrupoles.weight'].shape[0] as number;
  const columns = (n * (weights['filter.weight'].shape[1] as number)) / messageWidth;

  const [sentScalars, sendGate] = silu(k, k.add(k.matMul(scalars, weights['send.weight']), weights['send.bias']));
  const filtered = k.reshape(k.matMul(sentScalars, weights['filter.weight']), [crystals, columns, messageWidth]);
  const received = k.split(k.matMul(geometry.scalars, filtered), [n, 3 * n, 5 * n], 1);
  const [toScalars, toVectors, quadrupoles] = received.map((x) => k.reshape(x, [-1, messageWidth])) as [T, T, T];
  let scalarMessage = toScalars;
  let old = toVectors;
  let sentVectors: T | null = null;
  if (vectors !== null) {
    sentVectors = k.matMul(vectors, weights['sendVectors.weight'] as T);
    const rows = k.matMul(sentVectors, weights['filter.weight']);
    const across = k.matMul(geometry.radial, k.reshape(rows, [3 * crystals, columns, messageWidth]));
    const along = k.matMul(geometry.directions, k.reshape(rows, [crystals, 3 * columns, messageWidth]));
    scalarMessage = k.add(scalarMessage, k.reshape(along, [atoms, messageWidth]));
    old = k.concat([vectors, k.add(old, k.reshape(across, [3 * atoms, messageWidth]))], 1);
  }

  const [measured, carried] = k.split(k.matMul(old, weights['mix.weight']), [width, width], 1) as [T, T];
  const bent = k.matMul(quadrupoles, weights['mixQuadrupoles.weight']);
  const vectorLengths = lengths(k, measured, 3, geometry);
  const bentLengths = lengths(k, bent, 5, geometry);
  const seen = k.concat([scalars, scalarMessage, vectorLengths, bentLengths], 1);

  const centred = k.sub(seen, k.mean(seen, 1));
  const inverse = k.rsqrt(k.addNumber(k.mean(k.square(centred), 1), NORM_EPSILON));
  const standardised = k.mul(centred, inverse);
  const normed = k.add(k.mul(standardised, weights['norm.weight']), weights['norm.bias']);
  const [hidden, updateGate] = silu(k, k.add(k.matMul(normed, weights['update.weight']), weights['update.bias']));
  const out = k.add(k.matMul(hidden, weights['out.weight']), weights['out.bias']);
  const [change, gate] = k.split(out, [width, width], 1) as [T, T];
  const turned = k.reshape(
    k.mul(k.reshape(carried, [crystals, 3, n * width]), k.reshape(gate, [crystals, 1, n * width])),
    [3 * atoms, width],
  );
  return {
    state: { scalars: k.add(scalars, change), vectors: vectors === null ? turned : k.add(vectors, turned) },
    record: {
      scalars,
      vectors,
      sendGate,
      sentScalars,
      sentVectors,
      old,
      measured,
      carried,
      lengths: vectorLengths,
      quadrupoles,
      bent,
      bentLengths,
      standardised,
      inverse,
      normed,
      updateGate,
      hidden,
      gate,
    },
  };
}
