import type { Crystal } from '../../../schemas/crystal.js';
import { compositionOf, reducedFormula } from '../composition.js';
import { latticeParameters, volume } from '../lattice.js';

const DECIMALS = 10;
const fixed = (x: number): string => x.toFixed(DECIMALS);

function blockOf(c: Crystal): string {
  const { lengths, angles } = latticeParameters(c.lattice);
  const composition = compositionOf(c.species);
  const formula = reducedFormula(composition);
  const sum = Object.entries(composition).map(([e, n]) => `${e}${n}`);
  const seen = new Map<string, number>();
  const atoms = c.species.map((s, i) => {
    const n = (seen.get(s) ?? 0) + 1;
    seen.set(s, n);
    return `${s} ${s}${n} ${c.frac[i]?.map(fixed).join(' ')} 1`;
  });
  return `${[
    `data_${(c.id ?? formula).replace(/\s+/g, '_')}`,
    "_symmetry_space_group_name_H-M 'P 1'",
    '_symmetry_Int_Tables_number 1',
    ...['a', 'b', 'c'].map((k, i) => `_cell_length_${k} ${fixed(lengths[i] as number)}`),
    ...['alpha', 'beta', 'gamma'].map((k, i) => `_cell_angle_${k} ${fixed(angles[i] as number)}`),
    `_cell_volume ${fixed(volume(c.lattice))}`,
    `_chemical_formula_structural '${formula}'`,
    `_chemical_formula_sum '${sum.join(' ')}'`,
    'loop_',
    '_symmetry_equiv_pos_site_id',
    '_symmetry_equiv_pos_as_xyz',
    "1 'x, y, z'",
    'loop_',
    '_atom_site_type_symbol',
    '_atom_site_label',
    '_atom_site_fract_x',
    '_atom_site_fract_y',
    '_atom_site_fract_z',
    '_atom_site_occupancy',
    ...atoms,
  ].join('\n')}\n`;
}

/** CIF text, one `data_` block a crystal, every atom listed (P 1), numbers with ten decimals. */
export function writeCif(crystals: readonly Crystal[]): string {
  return crystals.map(blockOf).join('\n');
}
