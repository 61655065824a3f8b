import { atomsIn, compositionOf, parseFormula } from '../../../lib/crystal/composition.js';
import { substitute, substitutions } from '../../../lib/crystal/substitution.js';
import { STRUCTURE_TYPES } from '../../../lib/prototypes/index.js';
import { crystalOf } from '../../../lib/prototypes/structure-type.js';
import type { Rng } from '../../../lib/random/rng.js';
import { breathed } from '../../../lib/relax/breathing.js';
import { rattled } from '../../../lib/relax/rattle.js';
import type { EvaluateMany } from '../../../lib/scoring/evaluation.js';
import { distanceGuard } from '../../../lib/scoring/guards.js';
import type { Composition, Crystal } from '../../../schemas/crystal.js';
import type { DistinctCrystals } from './distinct-crystals.js';
import type { Candidate, CandidateSource, SourceName } from './source.js';

/** Atoms of the largest template that is tried without being asked for. */
const MAX_ATOMS = 40;
/** A, standard deviation: a start of perfect symmetry could not leave a saddle. */
const RATTLE = 0.01;

/** A crystal to put other elements into, and what to call it. */
export interface Template {
  name: string;
  crystal: Crystal;
}

export interface TemplateOptions {
  /** Atoms wanted in the cell: templates whose cells fit into it serve. Default: at most 40, or one formula unit. */
  atoms: number | undefined;
  /** What both kinds of templates have proposed: none is proposed twice. */
  seen: DistinctCrystals;
  /** For the volume, which covalent radii tell only roughly. */
  evaluate: EvaluateMany;
}

/** A template with the elements of the compound put in; `cost` says how unlike those are that they replace. */
interface Substituted extends Candidate {
  cost: number;
}

/** Known crystals of the same stoichiometry with their elements replaced, those of the most similar elements first. */
export function templateSource(
  unit: Composition,
  templates: readonly Template[],
  options: TemplateOptions,
): CandidateSource {
  return cheapestFirst('template', unit, options, () =>
    templates.flatMap(({ name, crystal }) => waysToWrite(unit, crystal, name)),
  );
}

/** The structure types of the library with the elements put in, those named after the most similar compounds first. */
export function prototypeSource(unit: Composition, options: TemplateOptions): CandidateSource {
  return cheapestFirst('prototype', unit, options, () =>
    STRUCTURE_TYPES.flatMap((type) => waysToWrite(unit, crystalOf(type), type.name, type.like)),
  );
}

/**
 * @param like formulas of further compounds of the type: which of their elements is where nobody says, so they count for
 *   how early the type is tried, not for which element goes where
 */
function waysToWrite(unit: Composition, crystal: Crystal, note: string, like: readonly string[] = []): Substituted[] {
  const ways = substitutions(compositionOf(crystal.species), unit);
  const first = ways[0]?.cost ?? 0;
  const nearest = Math.min(
    first,
    ...like.map((formula) => substitutions(parseFormula(formula), unit)[0]?.cost ?? first),
  );
  return ways.map(({ replace, cost }) => ({
    crystal: substitute(crystal, replace),
    note,
    cost: nearest + cost - first,
  }));
}

function cheapestFirst(
  name: SourceName,
  unit: Composition,
  { atoms, seen, evaluate }: TemplateOptions,
  all: () => Substituted[],
): CandidateSource {
  const fits = (n: number): boolean =>
    atoms === undefined ? n <= Math.max(MAX_ATOMS, atomsIn(unit)) : atoms % n === 0;
  let left: Substituted[] | null = null;
  return {
    name,
    propose: async (count, rng) => {
      left ??= all()
        .filter(({ crystal }) => fits(crystal.species.length))
        .sort((a, b) => a.cost - b.cost || a.crystal.species.length - b.crystal.species.length);
      return await takeNew(() => left?.shift(), count, { seen, evaluate, rng, what: 'template' });
    },
  };
}

/**
 * Takes the next `count` crystals that are like none proposed before, each at the best of a few volumes and shaken a
 * little; in place of one whose atoms overlap, in words that.
 * @param next the next in order; undefined when there are no more
 * @param what what to call such a one
 */
export async function takeNew(
  next: () => Candidate | undefined,
  count: number,
  { seen, evaluate, rng, what }: { seen: DistinctCrystals; evaluate: EvaluateMany; rng: Rng; what: string },
): Promise<(Candidate | string)[]> {
  const chosen: Candidate[] = [];
  while (chosen.length < count) {
    const candidate = next();
    if (candidate === undefined) break;
    if (seen.add(candidate.crystal)) chosen.push(candidate);
  }
  const crystals = await breathed(
    evaluate,
    chosen.map(({ crystal }) => crystal),
  );
  return chosen.map(({ note }, i) => {
    const crystal = crystals[i] as Crystal;
    if (!distanceGuard(crystal).ok) return `${what} with overlapping atoms`;
    return { crystal: rattled(crystal, RATTLE, rng.fork(i)), note };
  });
}
