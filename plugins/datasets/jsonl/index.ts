import { z } from 'zod';
import { readCrystals } from '../../../lib/crystal/io/read.js';
import { LcomsError } from '../../../schemas/errors.js';
import { type ScorerIdentity, scorerIdentitySchema } from '../../../schemas/score.js';
import { definePlugin } from '../../contract/define-plugin.js';
import { energyKindOf } from '../energy-kind.js';
import { requireScorer, scorerOf } from '../one-scorer.js';

const options = z.strictObject({
  file: z.string().min(1).describe('crystals: JSON lines, CIF, POSCAR or extXYZ, also with .gz'),
  energy: z
    .enum(['auto', 'formation', 'total'])
    .default('auto')
    .describe(
      'which energies the rows hold; auto: formationEnergyPerAtom (or eForm) where every row has it, else energyPerAtom',
    ),
  scorer: scorerIdentitySchema
    .nullable()
    .default(null)
    .describe('the scorer that made total energies; null: the one that all rows name, or unknown'),
  provenance: z.string().default('').describe('source, citation and licence of the data, for the report'),
});

/** Crystals from a file of the user's own. */
export const jsonlDataset = definePlugin({
  apiVersion: 1,
  kind: 'dataset',
  name: 'jsonl',
  version: '1.1.0',
  cacheVersion: 2,
  summary: 'crystals with energies from a JSON lines file (also CIF, POSCAR, extXYZ), plain or gzipped',
  cite: [],
  options,
  capabilities: {},
  files: ({ file }) => ({ file }),
  create: ({ file, energy, scorer, provenance }, context) => ({
    load: async () => {
      const rows = await readCrystals(context.files.file ?? file);
      const kind = energy === 'auto' ? energyKindOf(rows) : energy;
      if (kind === null)
        throw new LcomsError(
          'LCOMS_E_DATA_EMPTY',
          'no row has an energy (formationEnergyPerAtom, eForm or energyPerAtom)',
          { file },
        );
      if (kind === 'total' && scorer !== null) {
        const naming = rows.filter((row) => 'crystal' in row && row.scorer !== undefined);
        requireScorer(naming, scorer, file);
      }
      const scale: { kind: 'formation' | 'total'; scorer: ScorerIdentity | null; description: string } = {
        kind,
        scorer: scorer ?? (kind === 'total' ? scorerOf(rows, file) : null),
        description: `${kind} energy per atom as in the file`,
      };
      return { rows, energy: scale, provenance: provenance || file };
    },
  }),
});
