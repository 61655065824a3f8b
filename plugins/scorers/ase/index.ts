import { z } from 'zod';
import { definePlugin } from '../../contract/define-plugin.js';

/** Task queue of the Python worker unless another is named. */
export const PYTHON_QUEUE = 'score-python';

/** Any ASE calculator, in a Python worker of its own: DFT codes and learned potentials that run nowhere else. */
export const ase = definePlugin({
  apiVersion: 1,
  kind: 'scorer',
  name: 'ase',
  version: '1.0.0',
  cacheVersion: 1,
  summary: 'any ASE calculator (GPAW, SevenNet, CHGNet in PyTorch, EMT) served by a Python worker',
  cite: ['Larsen et al., The atomic simulation environment, J. Phys.: Condens. Matter 29, 273002 (2017)'],
  options: z.strictObject({
    calculator: z
      .string()
      .regex(/^[a-z0-9][a-z0-9-]*$/, 'lower-case letters, digits and hyphens')
      .default('emt')
      .describe("one of those that the worker's calculators.toml names"),
    version: z
      .string()
      .optional()
      .describe(
        'version that the calculator must have, as `lcoms score` prints it; also part of what results are cached by',
      ),
    queue: z.string().min(1).default(PYTHON_QUEUE).describe('task queue of the Python worker'),
  }),
  capabilities: { remote: true },
  create: async (options, context) => {
    // On demand: the client takes a third of a second to load, and few specs name this scorer.
    const { aseScorer } = await import('./scorer.js');
    return await aseScorer(options, context);
  },
});
