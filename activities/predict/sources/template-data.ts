import { readCrystals } from '../../../lib/crystal/io/read.js';
import { type CrystalRow, minimaOf } from '../../../lib/crystal/io/rows.js';
import { energyKindOf } from '../../../plugins/datasets/energy-kind.js';
import { simulatedDataset } from '../../../plugins/datasets/simulated/index.js';
import { testContext } from '../../../plugins/testing/test-context.js';
import type { Crystal } from '../../../schemas/crystal.js';
import { LcomsError } from '../../../schemas/errors.js';
import { dropHoles, formulaOf, HOLE_THRESHOLD } from '../../steps/filter-crystals.js';
import type { Template } from './templates.js';

/** Crystals of one formula that serve as templates, from the lowest. */
const POLYMORPHS = 2;

/** The lowest crystals of each formula of the data that come with lcoms. */
export async function embeddedTemplates(): Promise<Template[]> {
  const dataset = await simulatedDataset.create({}, testContext());
  return lowestOfEach((await dataset.load()).rows);
}

/**
 * The lowest crystals of each formula of a file; of one without energies those that come first.
 * @throws LcomsError LCOMS_E_FILE when it can't be read, LCOMS_E_DATA_EMPTY when no row holds a crystal
 */
export async function templatesOf(file: string): Promise<Template[]> {
  const rows = await readCrystals(file);
  const templates = lowestOfEach(rows);
  if (templates.length > 0) return templates;
  const wrong = rows.flatMap((row) => ('error' in row ? `line ${row.line}: ${row.error.message}` : []))[0];
  throw new LcomsError('LCOMS_E_DATA_EMPTY', `it holds no crystal to take as a template${wrong ? `; ${wrong}` : ''}`, {
    file,
    hint: 'Give --data JSON lines, CIF, POSCAR or extXYZ (docs/data.md).',
  });
}

function lowestOfEach(rows: readonly CrystalRow[]): Template[] {
  const kind = energyKindOf(rows);
  const energyOf = (c: Crystal): number | undefined =>
    kind === 'formation' ? c.formationEnergyPerAtom : c.energyPerAtom;
  const all = minimaOf(rows).flatMap((crystal) => {
    const energy = kind === null ? 0 : energyOf(crystal);
    return energy === undefined ? [] : [{ crystal, formula: formulaOf(crystal), energy }];
  });
  const byFormula = new Map<string, typeof all>();
  for (const row of dropHoles(all, HOLE_THRESHOLD).kept) {
    const group = byFormula.get(row.formula);
    if (group) group.push(row);
    else byFormula.set(row.formula, [row]);
  }
  return [...byFormula].flatMap(([name, group]) =>
    group
      .sort((a, b) => a.energy - b.energy)
      .slice(0, POLYMORPHS)
      .map(({ crystal }) => ({ name, crystal })),
  );
}
