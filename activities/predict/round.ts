import { matchStructures } from '../../lib/crystal/matcher.js';
import type { RelaxMethod } from '../../lib/relax/minimizer.js';
import { type Relaxation, type RelaxationStep, relaxMany } from '../../lib/relax/relax.js';
import { SuccessiveHalving } from '../../lib/relax/successive-halving.js';
import type { Scorer } from '../../plugins/contract/scorer.js';
import type { Crystal } from '../../schemas/crystal.js';
import type { LcomsError } from '../../schemas/errors.js';
import { ALIKE } from './sources/distinct-crystals.js';
import type { Candidate, SourceName } from './sources/source.js';

/** Atoms that are relaxed side by side, unless one crystal has more: an abort is heard within a second or two. */
const ATOMS_TOGETHER = 150;
/** eV/atom: starts that differ by more are relaxed on their own even if they look alike. */
const SAME_START = 0.005;

/** A candidate that is taken up. */
export interface Try extends Candidate {
  id: number;
  source: SourceName;
}

export interface RoundOptions {
  fmax: number;
  maxSteps: number;
  method: RelaxMethod;
  signal: AbortSignal;
  /** Asked after each step; true gives up all that are still moving. */
  enough(): boolean;
}

/** What became of tries that were relaxed side by side. */
export interface RoundResult {
  /** In the order of the tries. */
  results: (Relaxation | LcomsError)[];
  /** Place of a try that was not relaxed -> id of the earlier one that began as it does. */
  doubles: ReadonlyMap<number, number>;
  /** Atoms times evaluations, by source. */
  atomEvaluations: ReadonlyMap<SourceName, number>;
}

/** Tries in turn, as many together as have few enough atoms. */
export function* together(batch: readonly Try[]): Generator<Try[]> {
  let some: Try[] = [];
  let atoms = 0;
  for (const one of batch) {
    const n = one.crystal.species.length;
    if (some.length > 0 && atoms + n > ATOMS_TOGETHER) {
      yield some;
      some = [];
      atoms = 0;
    }
    some.push(one);
    atoms += n;
  }
  if (some.length > 0) yield some;
}

/** Relaxes the tries of a compound: of equal starts only the first, and none that turns out hopeless. */
export class Rounds {
  private readonly starts: { id: number; crystal: Crystal; energyPerAtom: number }[] = [];

  /** @param energies eV/atom of everything that was relaxed to a sane minimum before; may grow between rounds */
  constructor(
    private readonly scorer: Scorer,
    private readonly energies: readonly number[],
    private readonly options: RoundOptions,
  ) {}

  /** @throws the signal's reason when aborted */
  async relax(batch: readonly Try[]): Promise<RoundResult> {
    const { fmax, maxSteps, method, signal, enough } = this.options;
    const halving = new SuccessiveHalving(this.energies);
    const doubles = new Map<number, number>();
    const atomEvaluations = new Map<SourceName, number>();
    const results = await relaxMany(
      (crystals) => this.scorer.evaluate(crystals),
      batch.map(({ crystal }) => crystal),
      {
        fmax,
        maxSteps,
        method,
        signal,
        onStep: ({ index, crystal }) => {
          const { source } = batch[index] as Try;
          atomEvaluations.set(source, (atomEvaluations.get(source) ?? 0) + crystal.species.length);
        },
        stop: (moving) => {
          if (enough()) return new Set(moving.map(({ index }) => index));
          if (moving[0]?.step === 0) this.findDoubles(batch, moving, doubles);
          return new Set([...halving.hopeless(moving), ...doubles.keys()]);
        },
      },
    );
    return { results, doubles, atomEvaluations };
  }

  private findDoubles(batch: readonly Try[], moving: readonly RelaxationStep[], doubles: Map<number, number>): void {
    for (const { index, crystal, energyPerAtom } of moving) {
      const same = this.starts.find(
        (other) =>
          Math.abs(other.energyPerAtom - energyPerAtom) <= SAME_START &&
          matchStructures(other.crystal, crystal, ALIKE).match,
      );
      const { id } = batch[index] as Try;
      if (same) doubles.set(index, same.id);
      else this.starts.push({ id, crystal, energyPerAtom });
    }
  }
}
