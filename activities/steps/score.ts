import { solidGuard } from '../../lib/scoring/guards.js';
import type { Scorer } from '../../plugins/contract/scorer.js';
import type { Crystal } from '../../schemas/crystal.js';
import { LcomsError } from '../../schemas/errors.js';
import { jsonBlob, readJson, type StepContext, type StepFunction } from './context.js';
import { readRows } from './dataset-artifact.js';
import { type Candidate, judge } from './judge.js';
import { isHit, isMatch } from './score-row.js';
import { openScorer } from './scoring.js';
import type { Truth } from './truth.js';

interface Options {
  formula: string;
  /** What the report calls the answers; `method` is how they are relaxed. Default lcom. */
  answers?: string;
  judgeStarts?: boolean;
  replicate?: number;
}

/**
 * Per try: the lowest sane draw is the search's answer; it is judged, and so is the start that it came from, unless the
 * score of another method does that.
 */
export const score: StepFunction = async (context) => {
  const {
    formula,
    answers: method = 'lcom',
    judgeStarts = true,
    replicate = 0,
  } = context.node.options as unknown as Options;
  const truth = await readJson<Truth>(context, context.input('known'), 'truth.json');
  const starts = await readRows<Crystal>(context, context.input('starts'), 'crystals.jsonl');
  const decoded = await readRows<Crystal>(context, context.input('decoded'), 'crystals.jsonl');
  const scorer = await openScorer(context);
  const draws = decoded.length / starts.length;
  const candidates: Candidate[] = [];
  for (const [t, start] of starts.entries()) {
    const best = await lowestSane(context, scorer, decoded.slice(t * draws, (t + 1) * draws));
    candidates.push({ method, try: t, crystal: best.crystal, note: `draw ${best.index + 1} of ${draws}` });
    if (judgeStarts) candidates.push({ method: 'start', try: t, crystal: start, note: null });
  }
  const judged = await judge(context, scorer, truth, formula, candidates);
  const rows = replicate === 0 ? judged : judged.map((row) => ({ ...row, replicate }));
  const answers = rows.filter((r) => r.method === method);
  return {
    blobs: [jsonBlob('scores.json', rows)],
    metrics: { tries: starts.length, matches: answers.filter(isMatch).length, hits: answers.filter(isHit).length },
  };
};

/** The draw of lowest energy among those without overlaps; the first one when all are broken. */
async function lowestSane(
  context: StepContext,
  scorer: Scorer,
  draws: Crystal[],
): Promise<{ crystal: Crystal; index: number }> {
  const sane = draws.map((crystal, index) => ({ crystal, index })).filter(({ crystal }) => solidGuard(crystal).ok);
  const evaluations = await scorer.evaluate(sane.map((d) => d.crystal));
  context.tick({ done: 0, total: 1, unit: 'structures' });
  let best: { crystal: Crystal; index: number; energy: number } | null = null;
  for (const [i, draw] of sane.entries()) {
    const evaluation = evaluations[i];
    if (!evaluation || evaluation instanceof LcomsError) continue;
    const energy = evaluation.energy / draw.crystal.species.length;
    if (!best || energy < best.energy) best = { ...draw, energy };
  }
  const first = draws[0];
  if (!best && !first) throw new LcomsError('LCOMS_E_INTERNAL', 'a start has no decoded crystal');
  return best ?? { crystal: first as Crystal, index: 0 };
}
