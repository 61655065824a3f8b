import { compositionOf, reducedFormula } from '../lib/crystal/composition.js';
import { volume } from '../lib/crystal/lattice.js';
import { matchStructures } from '../lib/crystal/matcher.js';
import { isStructurallyValid } from '../lib/crystal/validity.js';
import type { Crystal } from '../schemas/crystal.js';

/** rms below which a match means the same structure even in cells of two atoms. */
export const TIGHT_RMS = 0.1;

/** How a crystal came back. Of several draws the best one counts: a match before none, then the smaller rms. */
export interface Reconstruction {
  file: string;
  index: number;
  formula: string;
  /** In the primitive cell. */
  atoms: number;
  /** StructureMatcher.fit of the best draw, ltol 0.3, stol 0.5, angle 10. */
  match: boolean;
  /** StructureMatcher.get_rms_dist of the best draw, in units of (V/n)^(1/3). */
  rms: number | null;
  /** (V - V0) / V0 of the best draw. */
  volumeError: number;
  /** Structural validity of the best draw. */
  valid: boolean;
  draws: number;
  /** Draws that match, and whether the first one does. */
  matches: number;
  firstMatches: boolean;
  validDraws: number;
}

export interface ReconstructionSummary {
  crystals: number;
  /** Crystals that could not be read or encoded; they count in no rate. */
  failed: number;
  draws: number;
  /** Share of crystals with a draw that matches; null when there are no crystals, as are the others. */
  matchRate: number | null;
  matchRateFirst: number | null;
  /** Share with an rms below stol, which is what the published rates of CDVAE count. */
  rmsRate: number | null;
  /** Mean rms of the matched; null when none is. */
  meanRms: number | null;
  /** Share with a match of rms < 0.1. */
  tightRate: number | null;
  /** Mean of |V - V0| / V0. */
  meanVolumeError: number | null;
  /** Share of all decoded crystals, every draw counted. */
  validRate: number | null;
  /** Decoder calls for one decoded crystal; null when the encoder does not count them. */
  networkCallsPerCrystal: number | null;
  /** Wall seconds: reading, reducing and encoding a crystal; decoding one draw. */
  secondsPerCrystal: { encode: number; decode: number } | null;
}

/** Compares what was decoded with the crystal (in its primitive cell) that was encoded. */
export function compareDraws(
  { file, index, crystal }: { file: string; index: number; crystal: Crystal },
  decoded: readonly Crystal[],
): Reconstruction {
  const draws = decoded.map((draw) => ({
    ...comparable(crystal, draw),
    volumeError: volume(draw.lattice) / volume(crystal.lattice) - 1,
    valid: isStructurallyValid(draw),
  }));
  const order = (d: { match: boolean; rms: number | null }): number => (d.match ? 0 : 1e3) + (d.rms ?? 1e2);
  const best = draws.reduce((a, b) => (order(b) < order(a) ? b : a));
  return {
    file,
    index,
    formula: reducedFormula(compositionOf(crystal.species)),
    atoms: crystal.species.length,
    ...best,
    draws: draws.length,
    matches: draws.filter(({ match }) => match).length,
    firstMatches: draws[0]?.match === true,
    validDraws: draws.filter(({ valid }) => valid).length,
  };
}

/** A decoded cell without volume is compared with nothing. */
function comparable(crystal: Crystal, draw: Crystal): { match: boolean; rms: number | null } {
  const flat = !(volume(draw.lattice) > 0) || ![...draw.lattice, ...draw.frac].flat().every(Number.isFinite);
  return flat ? { match: false, rms: null } : matchStructures(crystal, draw);
}

/** Rates over crystals; `spent`: over everything that was decoded. */
export function summarise(
  all: readonly Reconstruction[],
  draws: number,
  failed: number,
  spent: { seconds: { encode: number; decode: number }; networkCalls: number | null },
): ReconstructionSummary {
  const n = all.length;
  const share = (holds: (r: Reconstruction) => boolean): number | null =>
    n === 0 ? null : all.filter(holds).length / n;
  const mean = (values: readonly number[]): number | null =>
    values.length === 0 ? null : values.reduce((a, b) => a + b, 0) / values.length;
  const decoded = n * draws;
  return {
    crystals: n,
    failed,
    draws,
    matchRate: share(({ match }) => match),
    matchRateFirst: share(({ firstMatches }) => firstMatches),
    rmsRate: share(({ rms }) => rms !== null),
    meanRms: mean(all.flatMap(({ match, rms }) => (match && rms !== null ? [rms] : []))),
    tightRate: share(({ match, rms }) => match && rms !== null && rms < TIGHT_RMS),
    meanVolumeError: mean(all.map(({ volumeError }) => Math.abs(volumeError))),
    validRate: n === 0 ? null : all.reduce((sum, { validDraws }) => sum + validDraws, 0) / decoded,
    networkCallsPerCrystal: n === 0 || spent.networkCalls === null ? null : spent.networkCalls / decoded,
    secondsPerCrystal: n === 0 ? null : { encode: spent.seconds.encode / n, decode: spent.seconds.decode / decoded },
  };
}
