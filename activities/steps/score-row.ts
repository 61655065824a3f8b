import type { Crystal } from '../../schemas/crystal.js';

/** Energy of one crystal beside the truth. Energies eV/atom; `aboveTruth` meV/atom. */
export interface EnergyBesideTruth {
  energyPerAtom: number;
  formationEnergyPerAtom: number | null;
  /** meV/atom above the lowest known structure; null when none is known. */
  aboveTruth: number | null;
  /**
   * The paper's success rule, (E_found - E*) / |E*| <= 0.20 on formation energies; for elements, where E* = 0,
   * E_found - E* <= 0.1 eV/atom. null when the truth or the references are not known.
   */
  paperRule: boolean | null;
}

/** One candidate structure, judged. */
export interface ScoreRow {
  formula: string;
  /** As the spec names its methods, `lcom` when it has one; `start`, `rocksalt`, `substitution`. */
  method: string;
  /** Left out for 0, the only one of most runs. */
  replicate?: number;
  try: number;
  atoms: number;
  /** The candidate as proposed. null when it could not be evaluated. */
  before: EnergyBesideTruth | null;
  /** After relaxation by the same scorer; null when it did not converge or could not be evaluated. */
  after: EnergyBesideTruth | null;
  relaxSteps: number | null;
  /** StructureMatcher (ltol 0.3, stol 0.5, angle 10) with the lowest known structure, as proposed and relaxed. */
  matchBefore: boolean | null;
  match: boolean | null;
  /** Of the relaxed match; in units of (V/n)^(1/3) as pymatgen gives it. */
  rms: number | null;
  spaceGroup: number | null;
  spaceGroupSymbol: string | null;
  /** Reasons of the guards that it trips; such a row is never a success. */
  flags: string[];
  /** Where it comes from, e.g. the template of a substitution. */
  note: string | null;
  /** The relaxed crystal, or the proposed one where relaxation failed. */
  crystal: Crystal | null;
}

/** Within 10 meV/atom of the truth after relaxation, and no guard tripped. */
export function isHit(row: ScoreRow): boolean {
  return row.flags.length === 0 && row.after?.aboveTruth != null && row.after.aboveTruth <= 10;
}

/** Match after relaxation, and no guard tripped. */
export function isMatch(row: ScoreRow): boolean {
  return row.flags.length === 0 && row.match === true;
}
