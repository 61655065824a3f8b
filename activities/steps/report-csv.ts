import { isHit, isMatch, type ScoreRow } from './score-row.js';

const COLUMNS: readonly [string, (row: ScoreRow) => string | number | boolean | null | undefined][] = [
  ['formula', (r) => r.formula],
  ['method', (r) => r.method],
  ['try', (r) => r.try],
  ['atoms', (r) => r.atoms],
  ['decoded_energy_eV_per_atom', (r) => r.before?.energyPerAtom],
  ['decoded_formation_energy_eV_per_atom', (r) => r.before?.formationEnergyPerAtom],
  ['decoded_above_truth_meV_per_atom', (r) => r.before?.aboveTruth],
  ['decoded_paper_rule', (r) => r.before?.paperRule],
  ['decoded_match', (r) => r.matchBefore],
  ['relaxed_energy_eV_per_atom', (r) => r.after?.energyPerAtom],
  ['relaxed_formation_energy_eV_per_atom', (r) => r.after?.formationEnergyPerAtom],
  ['relaxed_above_truth_meV_per_atom', (r) => r.after?.aboveTruth],
  ['relaxed_paper_rule', (r) => r.after?.paperRule],
  ['match', (r) => (r.match === null ? null : isMatch(r))],
  ['rms', (r) => r.rms],
  ['hit_10meV', (r) => (r.after?.aboveTruth == null ? null : isHit(r))],
  ['space_group', (r) => r.spaceGroup],
  ['space_group_symbol', (r) => r.spaceGroupSymbol],
  ['relax_steps', (r) => r.relaxSteps],
  ['flags', (r) => r.flags.join('; ')],
  ['note', (r) => r.note],
];

function cell(value: string | number | boolean | null | undefined): string {
  if (value == null) return '';
  if (typeof value === 'number') return String(Number.isInteger(value) ? value : Number(value.toFixed(6)));
  const text = String(value);
  return /[",\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** One line per candidate; empty where a value is not known. */
export function reportCsv(rows: readonly ScoreRow[]): string {
  const lines = [COLUMNS.map(([name]) => name), ...rows.map((row) => COLUMNS.map(([, value]) => cell(value(row))))];
  return `${lines.map((line) => line.join(',')).join('\n')}\n`;
}
