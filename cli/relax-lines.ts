import { writeExtxyz } from '../lib/crystal/io/extxyz.js';
import { symmetry } from '../lib/crystal/symmetry.js';
import { Rng } from '../lib/random/rng.js';
import type { CellFreedom } from '../lib/relax/cell-coordinates.js';
import type { RelaxMethod } from '../lib/relax/minimizer.js';
import { rattled } from '../lib/relax/rattle.js';
import { type Relaxation, type RelaxationStep, relaxMany } from '../lib/relax/relax.js';
import { solidGuard } from '../lib/scoring/guards.js';
import type { Scorer } from '../plugins/contract/scorer.js';
import type { Crystal } from '../schemas/crystal.js';
import { LcomsError } from '../schemas/errors.js';
import type { InputRow } from './crystal-batches.js';
import { type BadLine, badLine, refuse } from './score-lines.js';

/** A: what a relaxed crystal is symmetric to. */
const SYMPREC = 0.05;

/** Units as in RelaxOptions. */
export interface RelaxSettings {
  fmax: number;
  maxSteps: number;
  method: RelaxMethod;
  cell: CellFreedom;
  pressure: number;
  /** A, and the seed of the displacements; 0 moves nothing. */
  rattle: number;
  seed: number;
  /** Whether to keep every crystal on the way. */
  trajectory: boolean;
}

/** A crystal and what `lcoms relax` prints of it, but for the files, which are written by whoever asked. */
export type RelaxedLine = BadLine | { line: RelaxedNumbers; crystal: Crystal; frames: string | null };

export interface RelaxedNumbers {
  file: string;
  index: number;
  energyPerAtom: number;
  /** Under pressure only. */
  enthalpyPerAtom?: number;
  pressure: number;
  maxForce: number;
  steps: number;
  converged: boolean;
  reason?: string;
  spaceGroup: string;
  /** What makes the crystal no real one, in words. */
  guards: string[];
}

/** Relaxes rows side by side. What is no crystal that could be, or gets no number from the scorer, gives its own error. */
export async function relaxLines(
  rows: readonly InputRow[],
  scorer: Scorer,
  settings: RelaxSettings,
  signal?: AbortSignal,
  onStep?: (step: RelaxationStep) => void,
): Promise<RelaxedLine[]> {
  const { trajectory, rattle, seed, ...options } = settings;
  const bad = rows.map(refuse);
  const sound = rows.flatMap((row, i) => ('crystal' in row && !bad[i] ? [row] : []));
  const frames: string[][] = sound.map(() => []);
  const starts = sound.map(({ crystal, file, index }) =>
    rattle > 0 ? rattled(crystal, rattle, Rng.from(seed).fork(`${file} ${index}`)) : crystal,
  );
  const relaxations = await relaxMany((batch) => scorer.evaluate(batch), starts, {
    ...options,
    ...(signal && { signal }),
    onStep: (step) => {
      if (trajectory) frames[step.index]?.push(frameOf(step));
      onStep?.(step);
    },
  });
  let at = 0;
  return rows.map((row, i): RelaxedLine => {
    const refused = bad[i];
    if (refused) return refused;
    if ('error' in row) return badLine(row);
    const k = at++;
    return relaxedLine(row, relaxations[k] as Relaxation | LcomsError, settings, frames[k]?.join('') ?? '');
  });
}

function frameOf({ crystal, energyPerAtom }: RelaxationStep): string {
  return writeExtxyz([{ ...crystal, energyPerAtom }]);
}

function relaxedLine(
  { file, index }: InputRow,
  relaxation: Relaxation | LcomsError,
  { pressure, trajectory }: RelaxSettings,
  frames: string,
): RelaxedLine {
  try {
    if (relaxation instanceof LcomsError) throw relaxation;
    const { crystal, energyPerAtom, steps, converged, reason, maxForce } = relaxation;
    if (!Number.isFinite(energyPerAtom)) {
      throw new LcomsError(
        'LCOMS_E_CRYSTAL',
        `the scorer gave no finite energy and forces at step ${steps} (${reason})`,
      );
    }
    const guards = solidGuard(crystal).reasons;
    const line: RelaxedNumbers = {
      file,
      index,
      energyPerAtom,
      ...(pressure === 0 ? {} : { enthalpyPerAtom: relaxation.enthalpyPerAtom }),
      pressure: relaxation.pressure,
      maxForce,
      steps,
      converged,
      ...(reason === undefined ? {} : { reason }),
      spaceGroup: symmetry(crystal, SYMPREC).symbol,
      guards,
    };
    return { line, crystal, frames: trajectory ? frames : null };
  } catch (error) {
    if (!(error instanceof LcomsError)) throw error;
    return { file, index, error: { code: error.code, message: error.message } };
  }
}
