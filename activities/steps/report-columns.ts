import { isHit, isMatch, type ScoreRow } from './score-row.js';

export type Cell = string | number | boolean | null | undefined;

export interface Column {
  name: string;
  type: 'STRING' | 'INT32' | 'DOUBLE' | 'BOOLEAN';
  value(row: ScoreRow): Cell;
}

const column = (name: string, type: Column['type'], value: (row: ScoreRow) => Cell): Column => ({ name, type, value });

/** Columns of results.csv and results.parquet; a value that is not known is empty or null. */
export const COLUMNS: readonly Column[] = [
  column('formula', 'STRING', (r) => r.formula),
  column('method', 'STRING', (r) => r.method),
  column('replicate', 'INT32', (r) => r.replicate ?? 0),
  column('try', 'INT32', (r) => r.try),
  column('atoms', 'INT32', (r) => r.atoms),
  column('decoded_energy_eV_per_atom', 'DOUBLE', (r) => r.before?.energyPerAtom),
  column('decoded_formation_energy_eV_per_atom', 'DOUBLE', (r) => r.before?.formationEnergyPerAtom),
  column('decoded_above_truth_meV_per_atom', 'DOUBLE', (r) => r.before?.aboveTruth),
  column('decoded_paper_rule', 'BOOLEAN', (r) => r.before?.paperRule),
  column('decoded_match', 'BOOLEAN', (r) => r.matchBefore),
  column('relaxed_energy_eV_per_atom', 'DOUBLE', (r) => r.after?.energyPerAtom),
  column('relaxed_formation_energy_eV_per_atom', 'DOUBLE', (r) => r.after?.formationEnergyPerAtom),
  column('relaxed_above_truth_meV_per_atom', 'DOUBLE', (r) => r.after?.aboveTruth),
  column('relaxed_paper_rule', 'BOOLEAN', (r) => r.after?.paperRule),
  column('match', 'BOOLEAN', (r) => (r.match === null ? null : isMatch(r))),
  column('rms', 'DOUBLE', (r) => r.rms),
  column('hit_10meV', 'BOOLEAN', (r) => (r.after?.aboveTruth == null ? null : isHit(r))),
  column('space_group', 'INT32', (r) => r.spaceGroup),
  column('space_group_symbol', 'STRING', (r) => r.spaceGroupSymbol),
  column('relax_steps', 'INT32', (r) => r.relaxSteps),
  column('flags', 'STRING', (r) => r.flags.join('; ')),
  column('note', 'STRING', (r) => r.note),
];
