import type { Rng } from '../../../../lib/random/rng.js';
import type { Adam } from '../../../../lib/tensor/adam.js';
import { allFinite, NotFinite } from '../../../../lib/tensor/guarded-step.js';
import type { Parameters } from '../../../../lib/tensor/parameters.js';
import { tf } from '../../../../lib/tensor/tf.js';
import type { LatticeScale } from '../lattice-target.js';
import { LOSS_TERMS, type LossTerms } from '../loss.js';
import { paperLossTerms } from './loss.js';
import type { PaperNetworks } from './networks.js';
import type { PaperOptions } from './options.js';
import { type DrawnRow, drawBatch, lossInputs, microBatches, type PaperRow } from './training-batches.js';

/** What a batch is evaluated with. */
export interface Evaluation {
  networks: PaperNetworks;
  parameters: Parameters;
  scale: LatticeScale;
  options: PaperOptions;
}

/** Parts of a step, in order; graph, forward and backward come once a micro-batch. */
export type Phase = 'graph' | 'forward' | 'backward' | 'optimizer';

/** Called at the end of each part of a step; for benchmarks. */
export type Watch = (phase: Phase) => void;

/** Mean loss terms of a batch, in the order of LOSS_TERMS. Throws NotFinite when one is NaN or infinite. */
export function batchLoss(rows: readonly PaperRow[], evaluation: Evaluation, rng: Rng): number[] {
  const { networks, scale, options } = evaluation;
  const sums = LOSS_TERMS.map(() => 0);
  for (const part of parts(rows, options, rng)) {
    tf.tidy(() => {
      const terms = paperLossTerms(networks, lossInputs(part, options, scale), options);
      addTo(sums, valuesOf(terms), part.length / rows.length);
    });
  }
  if (!sums.every(Number.isFinite)) throw new NotFinite('the validation loss');
  return sums;
}

/**
 * One step of Adam on a batch, which goes through the networks in micro-batches of at most `microBatchAtoms` atoms: their
 * gradients, weighted by their shares of the batch, add up to that of the batch but for rounding. Which crystals share
 * a micro-batch depends on the batch alone, so equal seeds give equal bytes.
 *
 * @returns mean loss terms before the step, in the order of LOSS_TERMS
 * @throws NotFinite when the loss or an element of its gradient is NaN or infinite: then nothing changes
 */
export function trainingStep(
  rows: readonly PaperRow[],
  evaluation: Evaluation,
  adam: Adam,
  rng: Rng,
  watch: Watch = () => {},
): number[] {
  const sums = LOSS_TERMS.map(() => 0);
  tf.tidy(() => {
    let gradients: Gradients = {};
    for (const part of parts(rows, evaluation.options, rng)) {
      const share = part.length / rows.length;
      const before = gradients;
      gradients = tf.tidy(() => plus(before, partGradients(part, share, sums, evaluation, watch)));
      tf.dispose(before);
      watch('backward');
    }
    if (!sums.every(Number.isFinite)) throw new NotFinite('the loss');
    if (!allFinite(Object.values(gradients))) throw new NotFinite('an element of the gradient');
    adam.step(new Map(Object.entries(gradients)));
    watch('optimizer');
  });
  return sums;
}

/** By name of the parameter; one without influence on the loss has none. */
type Gradients = Record<string, tf.Tensor>;

function parts(rows: readonly PaperRow[], options: PaperOptions, rng: Rng): DrawnRow[][] {
  const sizes = rows.map(({ crystal }) => crystal.n);
  return microBatches(drawBatch(rows, options, rng), sizes, options.microBatchAtoms);
}

/** Gradients of share times the loss of a micro-batch, whose terms are added to `sums`. */
function partGradients(
  part: readonly DrawnRow[],
  share: number,
  sums: number[],
  { networks, parameters, scale, options }: Evaluation,
  watch: Watch,
): Gradients {
  const inputs = lossInputs(part, options, scale);
  watch('graph');
  const { gradients } = parameters.gradients(() => {
    const terms = paperLossTerms(networks, inputs, options);
    addTo(sums, valuesOf(terms), share);
    watch('forward');
    return share === 1 ? terms.total : (tf.mul(terms.total, share) as tf.Scalar);
  });
  return Object.fromEntries(gradients);
}

function plus(a: Gradients, b: Gradients): Gradients {
  const sum = { ...a, ...b };
  for (const name of Object.keys(a)) if (name in b) sum[name] = tf.add(a[name] as tf.Tensor, b[name] as tf.Tensor);
  return sum;
}

const valuesOf = (terms: LossTerms): number[] =>
  Array.from(tf.stack(LOSS_TERMS.map((name) => terms[name])).dataSync() as Float32Array);

function addTo(sums: number[], terms: readonly number[], share: number): void {
  terms.forEach((value, k) => {
    sums[k] = (sums[k] as number) + share * value;
  });
}
