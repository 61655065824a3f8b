import { z } from 'zod';
import { mlpOptionsShape } from '../mlp/options.js';

/** Options of surrogate/ensemble. */
export const ensembleOptions = z.strictObject({
  ...mlpOptionsShape,
  members: z
    .number()
    .int()
    .min(1)
    .max(100)
    .default(5)
    .describe('networks, each from its own random weights and order of rows; training takes as many times longer'),
  beta: z
    .number()
    .min(0)
    .default(1)
    .describe('standard deviations over the members that are added to their mean; 0: the mean alone'),
  bootstrap: z
    .boolean()
    .default(false)
    .describe(
      'each member learns from as many training rows as there are, drawn with replacement; off: from all, since random ' +
        'weights alone vary the members enough (Lakshminarayanan et al. 2017)',
    ),
});

export type EnsembleOptions = z.output<typeof ensembleOptions>;
