import { z } from 'zod';
import { readCrystals } from '../../../lib/crystal/io/read.js';
import { packagedFile } from '../../../lib/package-root.js';
import type { ScorerIdentity } from '../../../schemas/score.js';
import { definePlugin } from '../../contract/define-plugin.js';

const EMBEDDED = packagedFile('plugins/datasets/simulated/ax-minima.jsonl.gz');

/** CHGNet-r2SCAN, which made the embedded set; see PROVENANCE.md beside it. */
const MADE_BY: ScorerIdentity = {
  name: 'chgnet',
  version: 'r2scan',
  weights: '5817d7d1788befaf6f0f67678cb63d6c33e7023904f3ac944e019163150b447c',
};

const options = z.strictObject({
  file: z
    .string()
    .optional()
    .describe(
      'a set made by `lcoms data simulate`; default: the embedded one, 5,707 minima of 162 AX, AX2 and A2X formulas',
    ),
});

/** Local minima relaxed by CHGNet from random and prototype starts. None of the paper's 26 compounds is in the embedded set. */
export const simulatedDataset = definePlugin({
  apiVersion: 1,
  kind: 'dataset',
  name: 'simulated',
  version: '1.0.0',
  cacheVersion: 1,
  summary: 'local minima relaxed by CHGNet from random and prototype starts; a set of 162 formulas comes with lcoms',
  cite: ['Deng et al., CHGNet, Nature Machine Intelligence 5, 1031 (2023)'],
  options,
  capabilities: {},
  files: ({ file }) => ({ file: file ?? EMBEDDED }),
  create: ({ file }, context) => ({
    load: async () => ({
      rows: await readCrystals(context.files.file ?? file ?? EMBEDDED, { format: 'jsonl' }),
      energy:
        file === undefined
          ? { kind: 'total', scorer: MADE_BY, description: 'total energy of CHGNet-r2SCAN, eV/atom' }
          : { kind: 'total', scorer: null, description: 'total energy as in the file, eV/atom' },
      provenance: 'made for lcoms by CHGNet-r2SCAN relaxations (PROVENANCE.md beside the embedded set)',
    }),
  }),
});
