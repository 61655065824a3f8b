import { z } from 'zod';
import { readCrystals } from '../../../lib/crystal/io/read.js';
import { packagedFile } from '../../../lib/package-root.js';
import { LcomsError } from '../../../schemas/errors.js';
import type { ScorerIdentity } from '../../../schemas/score.js';
import type { LoadedDataset } from '../../contract/dataset.js';
import { definePlugin } from '../../contract/define-plugin.js';
import { requireScorer, SCORE_AGAIN, scorerOf } from '../one-scorer.js';

const EMBEDDED = packagedFile('plugins/datasets/simulated/ax-minima.jsonl.gz');

/** CHGNet-r2SCAN, which made the embedded set; see PROVENANCE.md beside it. */
const MADE_BY: ScorerIdentity = {
  name: 'chgnet',
  version: 'r2scan',
  weights: '5817d7d1788befaf6f0f67678cb63d6c33e7023904f3ac944e019163150b447c',
};

const PROVENANCE = 'made for lcoms by CHGNet-r2SCAN relaxations (PROVENANCE.md beside the embedded set)';

const path = z.string().min(1);

const options = z.strictObject({
  file: z
    .string()
    .optional()
    .describe(
      'a set made by `lcoms data simulate`; default: the embedded one, 5,707 minima of 162 AX, AX2 and A2X formulas',
    ),
  also: z
    .union([path, z.array(path)])
    .optional()
    .describe(
      "files by `lcoms data score`, `simulate` or `perturb` whose rows join the set; by the set's own scorer only",
    ),
  provenance: z
    .string()
    .optional()
    .describe('source, citation and licence of the files in `also` (or of `file`), for the report'),
});

type Options = z.output<typeof options>;

/** Local minima relaxed by CHGNet from random and prototype starts. None of the paper's 26 compounds is in the embedded set. */
export const simulatedDataset = definePlugin({
  apiVersion: 1,
  kind: 'dataset',
  name: 'simulated',
  version: '1.1.0',
  cacheVersion: 1,
  summary: 'local minima relaxed by CHGNet from random and prototype starts; a set of 162 formulas comes with lcoms',
  cite: ['Deng et al., CHGNet, Nature Machine Intelligence 5, 1031 (2023)'],
  options,
  capabilities: {},
  files: (given) => ({
    file: given.file ?? EMBEDDED,
    ...Object.fromEntries(alsoOf(given).map((file, i) => [`also.${i}`, file])),
  }),
  create: (given, context) => ({ load: () => load(given, context.files) }),
});

function alsoOf({ also = [] }: Options): string[] {
  return typeof also === 'string' ? [also] : also;
}

async function load(given: Options, files: Readonly<Record<string, string>>): Promise<LoadedDataset> {
  const { file, provenance } = given;
  const rows = await readCrystals(files.file ?? file ?? EMBEDDED, { format: 'jsonl' });
  const scorer = file === undefined ? MADE_BY : scorerOf(rows, file);
  const joined = rows.length;
  for (const [i, other] of alsoOf(given).entries()) {
    const more = await readCrystals(files[`also.${i}`] ?? other, { format: 'jsonl' });
    if (scorer === null) {
      throw new LcomsError('LCOMS_E_INPUT', `its rows do not name their scorer, so those of ${other} can't join them`, {
        file: file ?? EMBEDDED,
        hint: SCORE_AGAIN,
      });
    }
    requireScorer(more, scorer, other);
    // Not push(...more): a file may hold more rows than a call may have arguments.
    for (const row of more) rows.push({ ...row, index: rows.length, file: other });
  }
  const description =
    file === undefined ? 'total energy of CHGNet-r2SCAN, eV/atom' : 'total energy as in the file, eV/atom';
  // What is said of the data is said of the minima: the others are beside them.
  const added = rows.slice(joined).filter((row) => !('crystal' in row) || row.offMinimum === undefined).length;
  return {
    rows,
    energy: { kind: 'total', scorer, description },
    provenance: [
      PROVENANCE,
      ...(added === 0 ? [] : [`with ${added} rows of other files by the same scorer`]),
      ...(provenance ? [provenance] : []),
    ].join('; '),
  };
}
