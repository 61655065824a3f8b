import { CsvError, parse } from 'csv-parse/sync';
import type { Crystal } from '../../../schemas/crystal.js';
import { LcomsError } from '../../../schemas/errors.js';
import { parseCif } from './cif.js';
import { type CrystalRow, type ParseInput, RowError, rowOf, show } from './rows.js';

/** Columns that hold a formation energy, first come first served. Perov-5 has both `heat_` columns. */
const FORMATION = ['formation_energy_per_atom', 'heat_all', 'heat_ref'];

type Cells = Record<string, string>;

function energy(cells: Cells, column: string | undefined): number | undefined {
  const text = column === undefined ? undefined : cells[column]?.trim();
  if (text === undefined || text === '') return undefined;
  const value = Number(text);
  if (Number.isFinite(value)) return value;
  throw new RowError(`${column} is ${show(text)}; it must be a number, eV/atom`);
}

function crystalOf(cells: Cells, name: string, line: number): Crystal {
  const rows = parseCif({ text: cells.cif ?? '', name });
  const [row] = rows;
  if (!row || rows.length > 1) throw new RowError(`the cif column holds ${rows.length} crystals; it must hold one`);
  if ('error' in row) throw new RowError(`in the cif column: ${row.error.message}`, line + row.line - 1);
  const { lattice, species, frac } = row.crystal;
  const crystal: Crystal = { lattice, species, frac };
  const formation = energy(
    cells,
    FORMATION.find((f) => f in cells),
  );
  const perAtom = energy(cells, 'energy_per_atom');
  if (cells.material_id) crystal.id = cells.material_id;
  if (formation !== undefined) crystal.formationEnergyPerAtom = formation;
  if (perAtom !== undefined) crystal.energyPerAtom = perAtom;
  return crystal;
}

/**
 * CDVAE's data files: a `cif` column, optionally `material_id` and energies (eV/atom): `formation_energy_per_atom`,
 * `heat_all` or `heat_ref` (Perov-5) become the formation energy, `energy_per_atom` (Carbon-24) the energy.
 *
 * @throws LcomsError LCOMS_E_CRYSTAL when the text is no CSV or has no `cif` column.
 */
export function parseCdvaeCsv({ text, name }: ParseInput): CrystalRow[] {
  let records: { record: Cells; info: { lines: number } }[];
  try {
    records = parse(text, {
      columns: true,
      bom: true,
      info: true,
      skip_empty_lines: true,
    }) as unknown as typeof records;
  } catch (cause) {
    if (!(cause instanceof CsvError)) throw cause;
    const line = typeof cause.lines === 'number' ? cause.lines : 1;
    throw new LcomsError('LCOMS_E_CRYSTAL', `not a CSV table: ${cause.message}`, { file: name, line, cause });
  }
  const columns = Object.keys(records[0]?.record ?? {});
  if (records.length > 0 && !columns.includes('cif')) {
    throw new LcomsError('LCOMS_E_CRYSTAL', `no column \`cif\`; columns found: ${columns.join(', ')}`, {
      file: name,
      line: 1,
    });
  }
  let previous = records.length > 0 ? headerLines(text) : 0;
  return records.map(({ record, info }, index) => {
    const line = previous + 1;
    previous = info.lines;
    return rowOf(index, line, () => crystalOf(record, name, line));
  });
}

/** Lines up to the end of the header: it may be quoted over several. */
function headerLines(text: string): number {
  const [header] = parse(text, { bom: true, info: true, to: 1 }) as unknown as { info: { lines: number } }[];
  return header?.info.lines ?? 1;
}
