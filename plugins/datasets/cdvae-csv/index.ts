import { z } from 'zod';
import { readCrystals } from '../../../lib/crystal/io/read.js';
import { LcomsError } from '../../../schemas/errors.js';
import { definePlugin } from '../../contract/define-plugin.js';
import { energyKindOf } from '../energy-kind.js';

const options = z.strictObject({
  file: z
    .string()
    .min(1)
    .describe('CSV with a cif column as CDVAE uses it (mp_20, perov_5, carbon_24), plain or gzipped'),
  provenance: z.string().default('').describe('source, citation and licence of the data, for the report'),
});

/** The data format of CDVAE: one crystal a row, as CIF text in the column `cif`. */
export const cdvaeCsvDataset = definePlugin({
  apiVersion: 1,
  kind: 'dataset',
  name: 'cdvae-csv',
  version: '1.0.0',
  cacheVersion: 1,
  summary: 'crystals from a CSV with a cif column, the form of the CDVAE data sets (mp_20, perov_5, carbon_24)',
  cite: ['Xie et al., Crystal Diffusion Variational Autoencoder, ICLR 2022, arXiv:2110.06197'],
  options,
  capabilities: {},
  files: ({ file }) => ({ file }),
  create: ({ file, provenance }, context) => ({
    load: async () => {
      const rows = await readCrystals(context.files.file ?? file, { format: 'csv' });
      const kind = energyKindOf(rows);
      if (kind === null) {
        throw new LcomsError(
          'LCOMS_E_DATA_EMPTY',
          'no row has an energy: the columns formation_energy_per_atom, heat_all and energy_per_atom are read',
          { file },
        );
      }
      return {
        rows,
        energy: { kind, scorer: null, description: `${kind} energy per atom of the CSV` },
        provenance: provenance || file,
      };
    },
  }),
});
