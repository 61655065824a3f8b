import { matchStructures } from '../../lib/crystal/matcher.js';
import { symmetry } from '../../lib/crystal/symmetry.js';
import type { Relaxation } from '../../lib/relax/relax.js';
import type { Evaluation } from '../../lib/scoring/evaluation.js';
import { minimumGuard, referenceGuard, secondOpinionGuard } from '../../lib/scoring/guards.js';
import type { Scorer } from '../../plugins/contract/scorer.js';
import type { Crystal } from '../../schemas/crystal.js';
import { LcomsError } from '../../schemas/errors.js';
import { type ScorerIdentity, sameScorer } from '../../schemas/score.js';
import type { StepContext } from './context.js';
import type { ElementReferences } from './element-references.js';
import type { EnergyBesideTruth, ScoreRow } from './score-row.js';
import { formationEnergy, relaxAll } from './scoring.js';
import { type KnownCompound, knownCompound, type Truth } from './truth.js';

/** The paper's tolerance on formation energies, and the one used for elements, whose formation energy is zero. */
const PAPER_TOLERANCE = 0.2;
const ELEMENT_TOLERANCE = 0.1;

export interface Candidate {
  method: string;
  try: number;
  crystal: Crystal;
  note: string | null;
  /** Given for a crystal that is relaxed already. */
  relaxed?: Relaxation;
}

/** Evaluates candidates as they are, relaxes them, and sets them beside the truth. */
export async function judge(
  context: StepContext,
  scorer: Scorer,
  truth: Truth,
  formula: string,
  candidates: readonly Candidate[],
): Promise<ScoreRow[]> {
  requireSameScorer(scorer, truth);
  const known = knownCompound(truth, formula);
  const crystals = candidates.map((c) => c.crystal);
  const before = await scorer.evaluate(crystals);
  const after = await relaxAll(context, scorer, crystals, 'structures');
  const second = await scorer.secondOpinion();
  const rows: ScoreRow[] = [];
  for (const [i, candidate] of candidates.entries()) {
    rows.push(await judgeOne(candidate, known, truth.elementReferences, before[i], after[i], second));
    context.tick({ done: i + 1, total: candidates.length, unit: 'structures' });
  }
  return rows;
}

/** A pipeline may name two scorers; their energies mean nothing beside each other. */
function requireSameScorer(scorer: Scorer, truth: Truth): void {
  if (sameScorer(scorer.identity, truth.scorer)) return;
  const name = ({ name, version }: ScorerIdentity) => `${name} ${version}`;
  throw new LcomsError(
    'LCOMS_E_INPUT',
    `the known structures were relaxed by ${name(truth.scorer)}, the candidates are scored by ${name(scorer.identity)}: energies of different scorers are never compared`,
    { hint: 'Give the nodes known-structures, start-structures, score and baselines one scorer.' },
  );
}

async function judgeOne(
  candidate: Candidate,
  known: KnownCompound,
  references: ElementReferences,
  before: Awaited<ReturnType<Scorer['evaluate']>>[number] | undefined,
  after: Relaxation | LcomsError | undefined,
  second: Scorer | null,
): Promise<ScoreRow> {
  const { crystal, method, note } = candidate;
  const truth = known.structures[0]?.crystal ?? null;
  const n = crystal.species.length;
  const row: ScoreRow = {
    formula: known.formula,
    method,
    try: candidate.try,
    atoms: n,
    before: isNumber(before) ? besideTruth(references, known, crystal, before.energy / n) : null,
    after: null,
    relaxSteps: null,
    matchBefore: truth && matchStructures(crystal, truth).match,
    match: truth && false,
    rms: null,
    spaceGroup: null,
    spaceGroupSymbol: null,
    flags: [],
    note,
    crystal,
  };
  if (!after || after instanceof LcomsError) return { ...row, flags: [after?.message ?? 'not evaluated'] };
  const guards = minimumGuard(after);
  row.relaxSteps = after.steps;
  if (!after.converged) return { ...row, flags: guards.reasons };
  const relaxed = after.crystal;
  const { number, symbol } = symmetry(relaxed, 0.05);
  const { match, rms } = truth ? matchStructures(relaxed, truth) : { match: null, rms: null };
  const flags = [...guards.reasons, ...(await comparisonFlags(after, known, second))];
  return {
    ...row,
    after: besideTruth(references, known, relaxed, after.energyPerAtom),
    match,
    rms,
    spaceGroup: number,
    spaceGroupSymbol: symbol,
    flags,
    crystal: relaxed,
  };
}

/** Whether the scorer gave an energy, and one that is a number. */
function isNumber(evaluation: Evaluation | LcomsError | undefined): evaluation is Evaluation {
  return evaluation !== undefined && !(evaluation instanceof LcomsError) && Number.isFinite(evaluation.energy);
}

/** Too far below everything known; and, for what would win, what an independent model says. */
async function comparisonFlags(after: Relaxation, known: KnownCompound, second: Scorer | null): Promise<string[]> {
  const lowest = known.structures[0];
  if (!lowest) return [];
  const reasons = [...referenceGuard(after.energyPerAtom, lowest.energyPerAtom).reasons];
  const wins = after.energyPerAtom <= lowest.energyPerAtom + 0.01;
  if (wins && second && known.secondEnergyPerAtom !== null) {
    const [judged] = await second.evaluate([after.crystal]);
    if (judged && !(judged instanceof LcomsError)) {
      const found = { first: after.energyPerAtom, second: judged.energy / after.crystal.species.length };
      reasons.push(
        ...secondOpinionGuard(found, { first: lowest.energyPerAtom, second: known.secondEnergyPerAtom }).reasons,
      );
    }
  }
  return reasons;
}

function besideTruth(
  references: ElementReferences,
  known: KnownCompound,
  crystal: Crystal,
  energyPerAtom: number,
): EnergyBesideTruth {
  const lowest = known.structures[0];
  const formation = formationEnergy(references, crystal, energyPerAtom);
  return {
    energyPerAtom,
    formationEnergyPerAtom: formation,
    aboveTruth: lowest ? 1000 * (energyPerAtom - lowest.energyPerAtom) : null,
    paperRule: lowest ? paperRule(known, formation, energyPerAtom - lowest.energyPerAtom) : null,
  };
}

/** With the sign mended: the paper prints it so that nothing could fail. */
export function paperRule(
  known: Pick<KnownCompound, 'elemental' | 'formationEnergyPerAtom'>,
  formation: number | null,
  above: number,
): boolean | null {
  if (known.elemental) return above <= ELEMENT_TOLERANCE;
  if (formation === null || known.formationEnergyPerAtom === null) return null;
  return (formation - known.formationEnergyPerAtom) / Math.abs(known.formationEnergyPerAtom) <= PAPER_TOLERANCE;
}
