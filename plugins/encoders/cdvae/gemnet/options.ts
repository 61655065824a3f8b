import { z } from 'zod';

const whole = (minimum: number) => z.number().int().min(minimum);
const scales = (...values: [number, ...number[]]) => z.array(z.number().positive()).min(1).default(values);

/**
 * Options of the GemNet-T score network (Gasteiger et al. 2021, arXiv:2106.08903, triplets only, direct forces), with
 * the sizes of CDVAE's released decoder (Xie et al. 2021, conf/model/decoder/gemnet.yaml). Lengths in A.
 *
 * The scales bring the variance of a product or a sum back to that of its input. Their defaults are CDVAE's
 * (gemnet-dT.json), which are those that the Open Catalyst project fitted for 128 Gaussians. Block i takes value i;
 * blocks past the end take the last.
 */
export const gemnetOptionsSchema = z.strictObject({
  latentDimension: whole(1).default(256).describe('length of the latent vector that every atom of a crystal gets'),
  atomWidth: whole(1).default(128).describe('channels of an atom'),
  edgeWidth: whole(1).default(128).describe('channels of an edge'),
  tripletWidth: whole(1).default(64).describe('channels of an edge inside the triplet interaction'),
  bilinearWidth: whole(1).default(64).describe('channels that come out of the bilinear layer'),
  radialWidth: whole(1).default(16).describe('channels of the radial basis after its shared projection'),
  circularWidth: whole(1).default(16).describe('channels of the circular basis after its shared projection'),
  radialFunctions: whole(2).default(128).describe('Gaussians over the distance'),
  sphericalFunctions: whole(1).default(7).describe('Legendre polynomials of the cosine of the angle'),
  blocks: whole(1).default(3).describe('interaction blocks'),
  residualBeforeSkip: whole(0).default(1).describe('residual layers of an edge before the skip connection'),
  residualAfterSkip: whole(0).default(2).describe('residual layers of an edge after the skip connection'),
  residualConcat: whole(0).default(1).describe('residual layers of an edge after it has seen its atoms'),
  residualAtom: whole(0).default(3).describe('residual layers of an atom, and of an edge in the output'),
  cutoff: z.number().positive().default(7).describe('longest edge, A'),
  neighbours: whole(1).default(20).describe('nearest neighbours of an atom that edges come from, ties included'),
  envelopeExponent: whole(1).default(5).describe('exponent of the envelope that takes the basis to zero at the cutoff'),
  tripletRadialScales: scales(18.873615264892578, 16.10817527770996, 15.01930046081543),
  tripletSumScales: scales(7.996850490570068, 7.614634037017822, 7.025179862976074),
  atomSumScales: scales(1.220463752746582, 0.9690994620323181, 0.8903237581253052),
  outputRadialScales: scales(16.161039352416992, 13.54678726196289, 12.754337310791016, 13.484951972961426),
});

export type GemNetOptions = z.output<typeof gemnetOptionsSchema>;

/** The scale of block `index`. */
export function scaleOf(values: readonly number[], index: number): number {
  return values[Math.min(index, values.length - 1)] as number;
}
