import type { Crystal } from '../../schemas/crystal.js';
import { LcomsError } from '../../schemas/errors.js';
import { averagedPrimitiveCell } from './averaged-primitive.js';
import { latticeParameters, toCartesian, volume } from './lattice.js';
import { ferrox } from './wasm.js';

/** Tolerances of pymatgen's StructureMatcher. */
export interface MatchTolerances {
  /** Relative difference of lattice lengths. */
  ltol: number;
  /** Site displacement over (V/n)^(1/3). */
  stol: number;
  /** Difference of lattice angles, degrees. */
  angleTol: number;
}

/** The tolerances of published reconstruction rates. */
export const DEFAULT_TOLERANCES: MatchTolerances = { ltol: 0.3, stol: 0.5, angleTol: 10 };

export interface MatchResult {
  match: boolean;
  /** Root mean square displacement over (V/n)^(1/3), without dimension; null without a match. */
  rms: number | null;
}

type Answer<T> = { ok: T } | { error: string };

function unwrap<T>(answer: unknown): T {
  const result = answer as Answer<T>;
  if ('ok' in result) return result.ok;
  throw new LcomsError('LCOMS_E_CRYSTAL', `structure matching failed: ${result.error}`);
}

/** The crystal in pymatgen's JSON form, which ferrox reads. */
function toStructure(c: Crystal): unknown {
  const { lengths, angles } = latticeParameters(c.lattice);
  const cart = toCartesian(c.frac, c.lattice);
  return {
    '@module': 'pymatgen.core.structure',
    '@class': 'Structure',
    charge: 0,
    lattice: {
      matrix: c.lattice,
      pbc: [true, true, true],
      a: lengths[0],
      b: lengths[1],
      c: lengths[2],
      alpha: angles[0],
      beta: angles[1],
      gamma: angles[2],
      volume: volume(c.lattice),
    },
    sites: c.species.map((element, i) => ({
      species: [{ element, occu: 1, oxidation_state: 0 }],
      abc: c.frac[i],
      xyz: cart[i],
      label: element,
      properties: {},
    })),
  };
}

/** pymatgen finds primitive cells with this tolerance (A) before it compares. */
const PRIMITIVE_TOLERANCE = 0.25;

/**
 * Whether two crystals are the same up to cell choice, volume and the tolerances: pymatgen's `StructureMatcher(ltol,
 * stol, angle_tol, primitive_cell=True, scale=True)`, computed by ferrox (WebAssembly).
 *
 * The primitive cells are found here: ferrox's own `get_primitive` idealises what it returns, which hides up to 0.25 A
 * of displacement from `rms`.
 *
 * @throws LcomsError LCOMS_E_CRYSTAL for a cell that can't be compared (no volume).
 */
export function matchStructures(a: Crystal, b: Crystal, tol: MatchTolerances = DEFAULT_TOLERANCES): MatchResult {
  const [first, second] = [a, b].map((c) => toStructure(averagedPrimitiveCell(c, PRIMITIVE_TOLERANCE)));
  // Each with_... moves the matcher into the one it returns: only the last holds memory.
  const matcher = new (ferrox().WasmStructureMatcher)()
    .with_latt_len_tol(tol.ltol)
    .with_site_pos_tol(tol.stol)
    .with_angle_tol(tol.angleTol)
    .with_primitive_cell(false)
    .with_scale(true);
  try {
    const found = unwrap<{ rms: number } | null | undefined>(matcher.get_rms_dist(first as never, second as never));
    return found ? { match: true, rms: found.rms } : { match: false, rms: null };
  } finally {
    matcher.free();
  }
}
