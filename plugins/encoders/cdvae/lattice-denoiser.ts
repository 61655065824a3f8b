import { silu } from '../../../lib/tensor/activations.js';
import type { Parameters } from '../../../lib/tensor/parameters.js';
import { tf } from '../../../lib/tensor/tf.js';
import type { CrystalBatch } from './encoder.js';
import { ANGULAR } from './graph.js';
import type { CdvaeOptions } from './options.js';

/** Components of a quadrupole, the last of a basis sum. */
const QUADRUPOLE = 5;

/**
 * What the decoder says of the clean lattice of a noisy crystal. It reads means over the atoms of the score network's
 * scalars and of quadrupoles of their neighbours, weighted by what both atoms are (pressure and shear, so to say); the
 * noisy cell lies in the frame of its own lattice numbers (lattice-noise.ts), so the components of the quadrupoles are
 * numbers like those.
 */
export class LatticeDenoiser {
  private readonly send;
  private readonly filter;
  private readonly gate;
  private readonly hidden;
  private readonly out;
  private readonly channels;

  constructor(parameters: Parameters, name: string, options: CdvaeOptions) {
    const { width, messageWidth, hiddenWidth, radialFunctions, latentDimension } = options;
    this.channels = messageWidth;
    this.send = parameters.dense(`${name}.send`, width, width);
    this.filter = parameters.dense(`${name}.filter`, width, radialFunctions * messageWidth, { bias: false });
    this.gate = parameters.dense(`${name}.gate`, width, messageWidth);
    this.hidden = parameters.dense(
      `${name}.hidden`,
      width + QUADRUPOLE * messageWidth + latentDimension + 6 + 1,
      hiddenWidth,
    );
    this.out = parameters.dense(`${name}.out`, hiddenWidth, 6);
  }

  /**
   * @param scalars of the atoms, [C n, width]
   * @param condition latents, noisy lattice numbers and noise level, [C, latentDimension + 7]
   * @returns outputs of order one, [C, 6]: see denoising
   */
  apply(batch: CrystalBatch, scalars: tf.Tensor2D, condition: tf.Tensor2D): tf.Tensor2D {
    const { crystals, n, scalars: geometry } = batch.geometry;
    const columns = geometry.shape[2];
    const sent = this.filter(silu(this.send(scalars))).reshape([crystals, columns, this.channels]);
    const quadrupoles = geometry.slice([0, (ANGULAR - QUADRUPOLE) * n, 0], [crystals, QUADRUPOLE * n, columns]);
    const received = tf.matMul(quadrupoles, sent).reshape([crystals, QUADRUPOLE, n, this.channels]);
    const gates = tf.mul(this.gate(scalars).reshape([crystals, n, this.channels]), batch.shares);
    const strains = tf.sum(tf.mul(received, gates.reshape([crystals, 1, n, this.channels])), 2);
    const mean = tf.sum(tf.mul(scalars.reshape([crystals, n, -1]), batch.shares), 1);
    const pooled = [mean, strains.reshape([crystals, QUADRUPOLE * this.channels]), condition] as tf.Tensor2D[];
    return this.out(silu(this.hidden(tf.concat(pooled, 1))));
  }
}
