import { checkCrystal } from '../../lib/crystal/io/rows.js';
import type { Dataset } from '../contract/dataset.js';
import { type Checks, demand } from './checks.js';
import { fingerprint } from './fingerprint.js';
import type { TestContextOptions } from './test-context.js';

type Create = (context: TestContextOptions) => Promise<Dataset>;

export async function checkDataset(checks: Checks, create: Create): Promise<void> {
  const loaded = await checks.run('a data set loads', async () => (await create({})).load());
  if (!loaded) return;
  await checks.run('rows are crystals or say what is wrong', () => {
    demand(loaded.rows.length > 0, 'there is no row');
    const { kind } = loaded.energy;
    let energies = 0;
    for (const row of loaded.rows) {
      if ('error' in row) {
        demand(row.error.message !== '', `row ${row.index} has an error without a message`);
        continue;
      }
      checkCrystal(row.crystal);
      const { formationEnergyPerAtom, energyPerAtom } = row.crystal;
      const energy = kind === 'formation' ? formationEnergyPerAtom : energyPerAtom;
      if (energy === undefined) continue;
      demand(Number.isFinite(energy), `row ${row.index} has the energy ${energy}`);
      energies++;
    }
    demand(energies > 0, `the energies are said to be of kind ${kind}, but no row has one`);
  });
  await checks.run('same file, same rows', async () => {
    const again = await (await create({})).load();
    demand(fingerprint(again) === fingerprint(loaded), 'two loads of one data set differ');
  });
}
