import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { latticeParameters } from '../../../lib/crystal/lattice.js';
import { toyCrystals } from '../../../plugins/testing/index.js';
import type { Crystal } from '../../../schemas/crystal.js';

/** Writes the toy crystals with energies as a file of a data set; returns its path. */
export function writeToyRows(format: 'jsonl' | 'csv'): string {
  const file = path.join(mkdtempSync(path.join(tmpdir(), 'lcoms-toy-')), `toy.${format}`);
  const crystals = toyCrystals().map((crystal, i) => ({ ...crystal, formationEnergyPerAtom: -i / 10 }));
  const rows =
    format === 'jsonl'
      ? crystals.map((crystal) => JSON.stringify(crystal))
      : ['cif,formation_energy_per_atom', ...crystals.map((c) => `"${cif(c)}",${c.formationEnergyPerAtom}`)];
  writeFileSync(file, `${rows.join('\n')}\n`);
  return file;
}

function cif({ lattice, species, frac }: Crystal): string {
  const { lengths, angles } = latticeParameters(lattice);
  const cell = ['length_a', 'length_b', 'length_c', 'angle_alpha', 'angle_beta', 'angle_gamma'];
  return [
    'data_toy',
    ...[...lengths, ...angles].map((x, i) => `_cell_${cell[i]} ${x}`),
    'loop_',
    ...['type_symbol', 'fract_x', 'fract_y', 'fract_z'].map((name) => `_atom_site_${name}`),
    ...frac.map((f, i) => `${species[i]} ${f.join(' ')}`),
  ].join('\n');
}
