import type { Crystal, Mat3, Vec3 } from '../../../schemas/crystal.js';
import { atomicNumber } from '../../../schemas/elements.js';
import { latticeFromParameters, rowTimes, wrap } from '../lattice.js';
import { operationsOf, type SymmetryOperation } from './cif-symmetry.js';
import { type CifBlock, type CifColumn, splitBlocks } from './cif-tokens.js';
import { type CrystalRow, type ParseInput, RowError, rowOf, show } from './rows.js';

/** Images of a site this near (A) are one atom on a special position: coordinates have four decimals or more. */
const MERGE_DISTANCE = 0.01;
/** Full occupancy, rounding allowed for. */
const OCCUPANCY_TOLERANCE = 1e-3;

/** `5.640(3)` is 5.64. @throws RowError */
function numberOf(text: string | undefined, tag: string, line: number): number {
  const value = Number((text ?? 'NaN').replace(/\(\d+\)$/, ''));
  if (text !== undefined && text !== '' && Number.isFinite(value)) return value;
  throw new RowError(`${tag} is ${text === undefined ? 'not given' : show(text)}; it must be a number`, line);
}

function single(block: CifBlock, tag: string): number {
  const column = block.columns.get(tag);
  return numberOf(column?.values[0], tag, column?.lines[0] ?? block.line);
}

/** `Fe3+`, `FE`, `Fe1`, `O2-` -> the element; deuterium and tritium are hydrogen. */
function elementOf(text: string, line: number): string {
  const letters = /^[A-Za-z]+/.exec(text)?.[0] ?? '';
  const capitalised = letters.charAt(0).toUpperCase() + letters.slice(1, 2).toLowerCase();
  // CA alone is calcium, but in a label such as CA1 or Cl2 only a lower-case second letter belongs to the element.
  const asWritten = /^[A-Z][a-z]/.exec(letters)?.[0] ?? '';
  const candidates = letters === text || letters.length > 2 ? [asWritten, capitalised] : [asWritten];
  const found = [...candidates, letters.charAt(0).toUpperCase(), capitalised].find(
    (s) => atomicNumber(s) !== undefined,
  );
  if (found) return found;
  if (letters === 'D' || letters === 'T') return 'H';
  throw new RowError(`${show(text)} does not start with an element symbol`, line);
}

interface Site {
  element: string;
  label: string;
  position: Vec3;
  line: number;
}

function coordinates(block: CifBlock): [CifColumn, CifColumn, CifColumn] {
  return (['x', 'y', 'z'] as const).map((axis) => {
    const tag = `_atom_site_fract_${axis}`;
    const column = block.columns.get(tag);
    if (column) return column;
    const cartesian = block.columns.has(`_atom_site_cartn_${axis}`) ? '; Cartesian coordinates are not read' : '';
    throw new RowError(`no ${tag}${cartesian}`, block.line);
  }) as [CifColumn, CifColumn, CifColumn];
}

function sitesOf(block: CifBlock): Site[] {
  const axes = coordinates(block);
  const types = block.columns.get('_atom_site_type_symbol');
  const labels = block.columns.get('_atom_site_label');
  const occupancies = block.columns.get('_atom_site_occupancy');
  if (!types && !labels) throw new RowError('no _atom_site_type_symbol and no _atom_site_label', block.line);
  return axes[0].values.map((_, i) => {
    const line = axes[0].lines[i] as number;
    const label = labels?.values[i] ?? types?.values[i] ?? '?';
    const occupancy = occupancies?.values[i];
    if (
      occupancy !== undefined &&
      Math.abs(numberOf(occupancy, '_atom_site_occupancy', line) - 1) > OCCUPANCY_TOLERANCE
    ) {
      throw new RowError(`site ${label} has occupancy ${occupancy}; only full occupancy (1) can be read`, line);
    }
    const position = axes.map((c, k) => numberOf(c.values[i], `_atom_site_fract_${'xyz'[k]}`, line)) as Vec3;
    return { element: elementOf(types?.values[i] ?? label, line), label, position, line };
  });
}

/** 0.3333 written for 1/3 would not come back to itself under a threefold axis. */
function snapThirds(x: number): number {
  const sixths = Math.round(x * 6) / 6;
  return Math.abs(x - sixths) < 5e-5 ? sixths : x;
}

function apply({ rotation, translation }: SymmetryOperation, x: Vec3): Vec3 {
  return rotation.map((r, k) => r[0] * x[0] + r[1] * x[1] + r[2] * x[2] + (translation[k] as number)) as Vec3;
}

function distance(a: Vec3, b: Vec3, lattice: Mat3): number {
  return Math.hypot(
    ...rowTimes(a.map((x, k) => x - (b[k] as number) - Math.round(x - (b[k] as number))) as Vec3, lattice),
  );
}

function expand(sites: Site[], operations: SymmetryOperation[], lattice: Mat3): { species: string[]; frac: Vec3[] } {
  const species: string[] = [];
  const frac: Vec3[] = [];
  for (const { element, label, position, line } of sites) {
    const start = operations.length > 1 ? (position.map(snapThirds) as Vec3) : position;
    for (const image of wrap(operations.map((o) => apply(o, start)))) {
      const same = frac.findIndex((f) => distance(f, image, lattice) < MERGE_DISTANCE);
      if (same < 0) {
        species.push(element);
        frac.push(image);
      } else if (species[same] !== element) {
        throw new RowError(
          `site ${label} (${element}) lies on an atom of ${species[same]}: disorder can't be read`,
          line,
        );
      }
    }
  }
  return { species, frac };
}

function crystalOf(block: CifBlock): Crystal {
  const [a, b, c] = ['a', 'b', 'c'].map((k) => single(block, `_cell_length_${k}`)) as Vec3;
  const angles = ['alpha', 'beta', 'gamma'].map((k) => single(block, `_cell_angle_${k}`)) as Vec3;
  const lattice = latticeFromParameters([a, b, c], angles);
  const sites = sitesOf(block);
  if (sites.length === 0) throw new RowError('the block has no atom', block.line);
  const crystal: Crystal = { lattice, ...expand(sites, operationsOf(block), lattice) };
  if (block.name !== '') crystal.id = block.name;
  return crystal;
}

/**
 * CIF: a crystal for each `data_` block that has a cell or atoms, symmetry operations applied, images on special
 * positions merged. The block's name becomes the id. Partial occupancy is refused.
 */
export function parseCif({ text }: ParseInput): CrystalRow[] {
  const rows: CrystalRow[] = [];
  for (const block of splitBlocks(text)) {
    if (block.describesCrystal) rows.push(rowOf(rows.length, block.line, () => crystalOf(block.read())));
  }
  return rows;
}
