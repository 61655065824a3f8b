import { z } from 'zod';
import { definePlugin } from '../../contract/define-plugin.js';
import { chgnetElements } from './elements.js';
import { chgnetScorer } from './scorer.js';

/** The default judge: CHGNet, a universal interatomic potential, in ONNX. */
export const chgnet = definePlugin({
  apiVersion: 1,
  kind: 'scorer',
  name: 'chgnet',
  version: '1.0.0',
  cacheVersion: 1,
  summary: 'CHGNet (charge-informed graph network potential): energies, forces and stress near r2SCAN or PBE+U',
  cite: [
    'Deng et al., CHGNet as a pretrained universal neural network potential for charge-informed atomistic modelling, Nature Machine Intelligence 5, 1031 (2023)',
    'https://github.com/CederGroupHub/chgnet',
  ],
  options: z.strictObject({
    model: z.enum(['r2scan', '0.3.0']).default('r2scan').describe('Weights: r2scan (meta-GGA) or 0.3.0 (PBE+U)'),
    runtime: z
      .enum(['auto', 'native', 'wasm'])
      .default('auto')
      .describe('ONNX runtime; auto takes native where it loads. The two round differently in the sixth digit'),
  }),
  // Those that both models know.
  capabilities: { elements: [...chgnetElements('r2scan')] },
  create: ({ model, runtime }) => chgnetScorer(model, runtime),
});
