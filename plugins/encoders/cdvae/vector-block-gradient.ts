import type { Kernels, Value as T } from '../../../lib/tensor/kernels.js';
import type { BlockGeometry, BlockRecord, BlockWeights } from './vector-block.js';

/** Gradients of a loss by a state; null where the loss does not depend on it. */
export interface StateGradient {
  scalars: T | null;
  vectors: T | null;
}

/** Gradient by x of silu(x), from the sigmoid of x and the value. */
function siluGradient(k: Kernels, dy: T, gate: T, value: T): T {
  return k.mul(dy, k.add(gate, k.sub(value, k.mul(value, gate))));
}

const sumOf = (k: Kernels, a: T | null, b: T): T => (a === null ? b : k.add(a, b));

/** Gradient by the components' rows, [components C n, F], of their lengths, [C n, F]. */
function lengthsGradient(k: Kernels, dy: T, lengths: T, rows: T, components: number, crystals: number): T {
  const [atoms, width] = lengths.shape as [number, number];
  const size = (atoms / crystals) * width;
  const factor = k.reshape(k.div(dy, lengths), [crystals, 1, size]);
  return k.reshape(k.mul(k.reshape(rows, [crystals, components, size]), factor), rows.shape);
}

/**
 * Gradients by a block's state and weights, from those by the state it gives.
 * @param record what {@link applyBlock} kept
 */
export function blockGradient(
  k: Kernels,
  weights: BlockWeights,
  record: BlockRecord,
  geometry: BlockGeometry,
  given: StateGradient,
): { state: { scalars: T; vectors: T | null }; weights: { [K in keyof BlockWeights]: T } } {
  const { crystals, n } = geometry;
  const { scalars, vectors } = record;
  const atoms = crystals * n;
  const width = scalars.shape[1] as number;
  const messageWidth = record.quadrupoles.shape[1] as number;
  const columns = (n * (weights['filter.weight'].shape[1] as number)) / messageWidth;

  // v + carried * gate, s + change
  let dGate: T;
  let dCarried: T;
  if (given.vectors === null) {
    dGate = k.zeros([atoms, width]);
    dCarried = k.zeros([3 * atoms, width]);
  } else {
    const turning = k.reshape(given.vectors, [crystals, 3, n * width]);
    const carried = k.reshape(record.carried, [crystals, 3, n * width]);
    dGate = k.reshape(k.sum(k.mul(turning, carried), 1), [atoms, width]);
    dCarried = k.reshape(k.mul(turning, k.reshape(record.gate, [crystals, 1, n * width])), [3 * atoms, width]);
  }
  const dOut = k.concat([given.scalars ?? k.zeros([atoms, width]), dGate], 1);
  const dHidden = k.matMul(dOut, weights['out.weight'], false, true);
  const dUpdate = siluGradient(k, dHidden, record.updateGate, record.hidden);
  const dNormed = k.matMul(dUpdate, weights['update.weight'], false, true);

  const { standardised, inverse } = record;
  const dStandardised = k.mul(dNormed, weights['norm.weight']);
  const along = k.mul(standardised, k.mean(k.mul(dStandardised, standardised), 1));
  const dSeen = k.mul(inverse, k.sub(k.sub(dStandardised, k.mean(dStandardised, 1)), along));
  const [dSeenScalars, dScalarMessage, dLengths, dBentLengths] = k.split(
    dSeen,
    [width, messageWidth, width, messageWidth],
    1,
  ) as [T, T, T, T];

  const dMeasured = lengthsGradient(k, dLengths, record.lengths, record.measured, 3, crystals);
  const dBent = lengthsGradient(k, dBentLengths, record.bentLengths, record.bent, 5, crystals);
  const dMixed = k.concat([dMeasured, dCarried], 1);
  const dOld = k.matMul(dMixed, weights['mix.weight'], false, true);
  const dQuadrupoles = k.matMul(dBent, weights['mixQuadrupoles.weight'], false, true);
  const [dOldVectors, dVectorMessage] = (vectors === null ? [null, dOld] : k.split(dOld, [width, messageWidth], 1)) as [
    T | null,
    T,
  ];

  const perCrystal = (x: T, rows: number): T => k.reshape(x, [crystals, rows, messageWidth]);
  const toScalars = perCrystal(dScalarMessage, n);
  const dReceived = k.concat([toScalars, perCrystal(dVectorMessage, 3 * n), perCrystal(dQuadrupoles, 5 * n)], 1);
  const filterWidth = weights['filter.weight'].shape[1] as number;
  const dFiltered = k.reshape(k.matMul(geometry.scalars, dReceived, true), [atoms, filterWidth]);
  const dSent = k.matMul(dFiltered, weights['filter.weight'], false, true);
  const dSend = siluGradient(k, dSent, record.sendGate, record.sentScalars);
  let dFilterWeight = k.matMul(record.sentScalars, dFiltered, true);

  let dVectors: T | null = null;
  let dSendVectors: { 'sendVectors.weight'?: T } = {};
  if (vectors !== null) {
    const across = k.matMul(geometry.radial, k.reshape(dVectorMessage, [3 * crystals, n, messageWidth]), true);
    const alongDirections = k.matMul(geometry.directions, toScalars, true);
    const dRows = k.reshape(k.add(across, k.reshape(alongDirections, [3 * crystals, columns, messageWidth])), [
      3 * atoms,
      filterWidth,
    ]);
    const dSentVectors = k.matMul(dRows, weights['filter.weight'], false, true);
    dFilterWeight = k.add(dFilterWeight, k.matMul(record.sentVectors as T, dRows, true));
    dSendVectors = { 'sendVectors.weight': k.matMul(vectors, dSentVectors, true) };
    const back = k.matMul(dSentVectors, weights['sendVectors.weight'] as T, false, true);
    dVectors = sumOf(k, given.vectors, k.add(dOldVectors as T, back));
  }

  const back = k.matMul(dSend, weights['send.weight'], false, true);
  return {
    state: { scalars: sumOf(k, given.scalars, k.add(dSeenScalars, back)), vectors: dVectors },
    weights: {
      'send.weight': k.matMul(scalars, dSend, true),
      'send.bias': k.sum(dSend, 0),
      'filter.weight': dFilterWeight,
      'mix.weight': k.matMul(record.old, dMixed, true),
      'mixQuadrupoles.weight': k.matMul(record.quadrupoles, dBent, true),
      'norm.weight': k.sum(k.mul(dNormed, standardised), 0),
      'norm.bias': k.sum(dNormed, 0),
      'update.weight': k.matMul(record.normed, dUpdate, true),
      'update.bias': k.sum(dUpdate, 0),
      'out.weight': k.matMul(record.hidden, dOut, true),
      'out.bias': k.sum(dOut, 0),
      ...dSendVectors,
    },
  };
}
