import type { Rng } from '../../lib/random/rng.js';
import type { Optimizer } from '../../plugins/contract/optimizer.js';
import type { Scorer } from '../../plugins/contract/scorer.js';
import { LcomsError } from '../../schemas/errors.js';
import type { PredictionRecord } from '../../schemas/prediction.js';
import { lowestKnown } from './known.js';
import { type Ranked, rankAnswers } from './rank.js';
import type { CompoundRequest } from './request.js';
import { SEARCH_DEFAULTS, type SearchHooks, type SearchModel, searchCompound } from './search.js';
import { judgeAgain } from './second-opinion.js';

/** Who and what made a prediction, for the record. */
export type Provenance = Pick<PredictionRecord, 'seed' | 'model' | 'backend' | 'options'>;

/** A compound's answers and the record that is written beside them. */
export interface CompoundPrediction {
  ranked: Ranked[];
  record: PredictionRecord;
}

/**
 * Searches a compound, asks the second opinion, ranks what is left, and says how far it can be trusted.
 * @param files structures that get a file, from the lowest
 * @throws LcomsError LCOMS_E_RUN_FAILED when nothing sane was found
 */
export async function predictCompound(
  request: CompoundRequest,
  parts: { model: SearchModel; optimizer: Optimizer; scorer: Scorer },
  provenance: Provenance,
  files: number,
  rng: Rng,
  hooks: SearchHooks,
): Promise<CompoundPrediction> {
  const { formula, stem, cells, unit, unseen } = request;
  const { model, optimizer, scorer } = parts;
  const outcome = await searchCompound(cells, model, optimizer, scorer, rng, hooks, SEARCH_DEFAULTS);
  const second = await scorer.secondOpinion();
  const { kept, holes } = await judgeAgain(outcome.answers, second);
  const rejected =
    holes > 0 ? { ...outcome.rejected, 'second opinion: a hole of the scorer': holes } : outcome.rejected;
  if (kept.length === 0) throw nothingFound(request, outcome.finished, rejected, outcome.complete);
  const known = await lowestKnown(unit, scorer.identity);
  const ranked = rankAnswers(kept, {
    tries: outcome.finished,
    complete: outcome.complete,
    unseen,
    lowestKnown: known?.energyPerAtom ?? null,
    fileOf: (rank) => (rank <= files ? `${stem}-${rank}.cif` : null),
  });
  const record: PredictionRecord = {
    apiVersion: 1,
    formula,
    seed: provenance.seed,
    model: provenance.model,
    scorer: scorer.identity,
    secondScorer: second?.identity ?? null,
    backend: provenance.backend,
    options: { ...provenance.options, ...SEARCH_DEFAULTS },
    cells: cells.map(({ species, tries }) => ({ atoms: species.length, tries })),
    triesFinished: outcome.finished,
    complete: outcome.complete,
    known,
    rejected,
    candidates: ranked.map(({ prediction }) => prediction),
  };
  return { ranked, record };
}

function nothingFound(
  { formula, cells }: CompoundRequest,
  finished: number,
  rejected: Record<string, number>,
  complete: boolean,
): LcomsError {
  const sizes = cells.map(({ species }) => species.length).join(', ');
  const reasons = Object.entries(rejected).map(([reason, count]) => `${count} ${reason}`);
  return new LcomsError(
    'LCOMS_E_RUN_FAILED',
    `${complete ? 'no sane structure' : 'interrupted before any structure'} of ${formula} was found in ${finished} tries with ${sizes} atoms` +
      `${reasons.length > 0 ? `: ${reasons.join(', ')}` : ''}`,
    { hint: 'Give more --tries, other --atoms or another --seed.' },
  );
}
