import type { Parameters } from '../../../lib/tensor/parameters.js';
import { ScoreDecoder } from './decoder.js';
import { LatentEncoder } from './encoder.js';
import { EnergyHead, LatticeHead } from './heads.js';
import type { CdvaeOptions } from './options.js';

/** The four networks over one set of parameters. */
export class CdvaeNetworks {
  readonly encoder: LatentEncoder;
  readonly decoder: ScoreDecoder;
  readonly lattice: LatticeHead;
  /** null when the energy weight is zero. */
  readonly energy: EnergyHead | null;

  /** Adds the weights to `parameters`, always in the same order, so that a seed fixes them. */
  constructor(parameters: Parameters, options: CdvaeOptions) {
    this.encoder = new LatentEncoder(parameters, options);
    this.decoder = new ScoreDecoder(parameters, options);
    this.lattice = new LatticeHead(parameters, options);
    this.energy = options.energyWeight > 0 ? new EnergyHead(parameters, options) : null;
  }
}
