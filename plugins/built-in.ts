import type { Plugin } from './contract/define-plugin.js';
import { cdvaeCsvDataset } from './datasets/cdvae-csv/index.js';
import { jsonlDataset } from './datasets/jsonl/index.js';
import { simulatedDataset } from './datasets/simulated/index.js';
import { cdvae } from './encoders/cdvae/index.js';
import { cmaEs } from './optimizers/cma-es/index.js';
import { jitter } from './optimizers/controls/jitter.js';
import { trainingLatent } from './optimizers/controls/training-latent.js';
import { differentialEvolution } from './optimizers/differential-evolution/index.js';
import { evolution } from './optimizers/evolution/index.js';
import { gpEi } from './optimizers/gp-ei/index.js';
import { latentGradient } from './optimizers/latent-gradient/index.js';
import { pso } from './optimizers/pso/index.js';
import { random } from './optimizers/random/index.js';
import { tpe } from './optimizers/tpe/index.js';
import { ase } from './scorers/ase/index.js';
import { chgnet } from './scorers/chgnet/index.js';
import { ewaldBornMayer } from './scorers/ewald-born-mayer/index.js';
import { lennardJones } from './scorers/lennard-jones/index.js';
import { com } from './surrogates/com/index.js';
import { ensemble } from './surrogates/ensemble/index.js';
import { graphNetwork } from './surrogates/graph-network/index.js';
import { supervised } from './surrogates/supervised/index.js';

/** The plugins that come with lcoms, one folder a kind. */
export const BUILT_IN = [
  simulatedDataset,
  jsonlDataset,
  cdvaeCsvDataset,
  cdvae,
  com,
  supervised,
  ensemble,
  graphNetwork,
  latentGradient,
  random,
  trainingLatent,
  jitter,
  pso,
  tpe,
  gpEi,
  cmaEs,
  differentialEvolution,
  evolution,
  chgnet,
  lennardJones,
  ewaldBornMayer,
  ase,
] as unknown as readonly Plugin[];
