import type { Rng } from '../../lib/random/rng.js';
import type { Optimizer } from '../../plugins/contract/optimizer.js';
import type { Scorer } from '../../plugins/contract/scorer.js';
import { LcomsError } from '../../schemas/errors.js';
import type { PredictionRecord } from '../../schemas/prediction.js';
import { lowestKnown } from './known.js';
import { supportOf } from './precedents.js';
import { type Order, type Ranked, rankAnswers } from './rank.js';
import type { CompoundRequest } from './request.js';
import {
  type Outcome,
  SEARCH_DEFAULTS,
  type SearchHooks,
  type SearchModel,
  type SearchOptions,
  searchCompound,
} from './search.js';
import { judgeAgain } from './second-opinion.js';
import { prototypeCompounds } from './sources/prototype-compounds.js';

/** Who and what made a prediction, for the record. */
export type Provenance = Pick<PredictionRecord, 'seed' | 'model' | 'backend' | 'options'>;

/** A compound's answers and the record that is written beside them. */
export interface CompoundPrediction {
  ranked: Ranked[];
  record: PredictionRecord;
  /** By source, those that were asked. */
  cpuSeconds: ReadonlyMap<string, number>;
}

/**
 * Searches a compound, asks the second opinion, ranks what is left, and says how far it can be trusted.
 * @param files structures that get a file, from the first
 * @param order what the structures are ranked by
 * @throws LcomsError LCOMS_E_RUN_FAILED when nothing sane was found
 */
export async function predictCompound(
  request: CompoundRequest,
  parts: { model: SearchModel; optimizer: Optimizer; scorer: Scorer },
  provenance: Provenance,
  files: number,
  rng: Rng,
  hooks: SearchHooks,
  portfolio: Partial<SearchOptions> = {},
  order: Order = 'precedents',
): Promise<CompoundPrediction> {
  const { formula, stem, cells, unit, unseen } = request;
  const { model, optimizer, scorer } = parts;
  const outcome = await searchCompound(cells, model, optimizer, scorer, rng, hooks, portfolio);
  const second = await scorer.secondOpinion();
  const { kept, holes } = await judgeAgain(outcome.answers, second);
  const rejected =
    holes > 0 ? { ...outcome.rejected, 'second opinion: a hole of the scorer': holes } : outcome.rejected;
  if (kept.length === 0) throw nothingFound(request, outcome, rejected, portfolio.budget ?? null);
  const known = await lowestKnown(unit, scorer.identity);
  const structures = kept.map(({ answer }) => answer.crystal);
  const precedents = [...(portfolio.templates ?? []), ...prototypeCompounds()];
  const ranked = rankAnswers(kept, supportOf(unit, structures, precedents), {
    order,
    tries: outcome.finished,
    complete: outcome.complete,
    unseen,
    lowestKnown: known?.energyPerAtom ?? null,
    fileOf: (rank) => (rank <= files ? `${stem}-${rank}.cif` : null),
  });
  const reproducible = typeof portfolio.budget !== 'number';
  const record: PredictionRecord = {
    apiVersion: 1,
    formula,
    seed: provenance.seed,
    model: provenance.model,
    scorer: scorer.identity,
    secondScorer: second?.identity ?? null,
    backend: provenance.backend,
    options: { ...provenance.options, ...SEARCH_DEFAULTS },
    cells: outcome.cells,
    triesFinished: outcome.finished,
    complete: outcome.complete,
    reproducible,
    portfolio: outcome.accounts,
    known,
    rejected,
    candidates: ranked.map(({ prediction }) => prediction),
  };
  return { ranked, record, cpuSeconds: outcome.cpuSeconds };
}

function nothingFound(
  { formula }: CompoundRequest,
  { finished, complete, cells }: Outcome,
  rejected: Record<string, number>,
  budget: number | null,
): LcomsError {
  const sizes = cells.map(({ atoms }) => atoms).join(', ');
  const reasons = Object.entries(rejected).map(([reason, count]) => `${count} ${reason}`);
  return new LcomsError(
    'LCOMS_E_RUN_FAILED',
    `${complete ? 'no sane structure' : 'interrupted before any structure'} of ${formula} was found in ${finished} tries${sizes === '' ? '' : ` with ${sizes} atoms`}${budget === null ? '' : ` and ${budget} CPU seconds`}` +
      `${reasons.length > 0 ? `: ${reasons.join(', ')}` : ''}`,
    {
      hint:
        budget === null
          ? 'Give more --tries, other --atoms or another --seed.'
          : 'A relaxation takes a few CPU seconds, with 20 atoms half a minute: give a longer --budget, or fewer --atoms.',
    },
  );
}
