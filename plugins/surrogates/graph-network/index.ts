import { definePlugin } from '../../contract/define-plugin.js';
import { readModel } from './model-file.js';
import { graphNetworkOptions } from './options.js';
import { trainGraphNetwork } from './train.js';

/** The energy model of searches over structures (GN-RAS, GN-PSO, GN-BO), trained on the same crystals as everything else. */
export const graphNetwork = definePlugin({
  apiVersion: 1,
  kind: 'surrogate',
  name: 'graph-network',
  version: '1.0.0',
  cacheVersion: 1,
  summary: 'Energy of a crystal by a graph network (SchNet) over its atoms: for searches over structures',
  cite: [
    'Schütt, Sauceda, Kindermans, Tkatchenko, Müller: SchNet - a deep learning architecture for molecules and materials, J. Chem. Phys. 148, 241722 (2018), arXiv:1712.06113',
    'Cheng, Gong, Yin: Crystal structure prediction by combining graph network and optimization algorithm, Nat. Commun. 13, 1492 (2022), arXiv:2203.13932 (the searches; their network is MEGNet)',
  ],
  options: graphNetworkOptions,
  capabilities: { tensors: true, input: 'structure' },
  create: (options, context) => ({
    input: 'structure',
    train: (data) => trainGraphNetwork(data, options, context),
    load: async (blobs) => readModel(blobs, context),
  }),
});

export default graphNetwork;
