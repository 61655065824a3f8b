import type { Scorer } from '../../plugins/contract/scorer.js';
import type { Crystal } from '../../schemas/crystal.js';
import { LcomsError } from '../../schemas/errors.js';
import { jsonBlob, readJson, type StepContext, type StepFunction } from './context.js';
import { readRows } from './dataset-artifact.js';
import { type Candidate, judge } from './judge.js';
import { alive, lowestDistinct, lowestOf, scoredSane } from './lowest-distinct.js';
import { isHit, isMatch } from './score-row.js';
import { openScorer } from './scoring.js';
import type { Truth } from './truth.js';

interface Options {
  formula: string;
  /** What the report calls the answers; `method` is how they are relaxed. Default lcom. */
  answers?: string;
  judgeStarts?: boolean;
  replicate?: number;
  choose?: 'try' | 'lowest';
  /** With choose: lowest: most answers. */
  tries?: number;
}

type Answer = Pick<Candidate, 'crystal' | 'note'>;

/**
 * Per try: the lowest sane draw is the search's answer; it is judged, and so is the start that it came from, unless the
 * score of another method does that. With `choose: lowest` the answers are the lowest of all draws instead.
 */
export const score: StepFunction = async (context) => {
  const {
    formula,
    answers: method = 'lcom',
    judgeStarts = true,
    replicate = 0,
    choose,
    tries = 1,
  } = context.node.options as unknown as Options;
  const truth = await readJson<Truth>(context, context.input('known'), 'truth.json');
  const starts = await readRows<Crystal>(context, context.input('starts'), 'crystals.jsonl');
  const decoded = await readRows<Crystal>(context, context.input('decoded'), 'crystals.jsonl');
  const scorer = await openScorer(context);
  const found =
    choose === 'lowest'
      ? await lowestOfAll(context, scorer, decoded, tries)
      : await perTry(context, scorer, starts, decoded);
  const candidates = found.flatMap((answer, t): Candidate[] => {
    const own = { method, try: t, ...answer };
    const start = starts[t];
    return judgeStarts && start ? [own, { method: 'start', try: t, crystal: start, note: null }] : [own];
  });
  const judged = await judge(context, scorer, truth, formula, candidates);
  const rows = replicate === 0 ? judged : judged.map((row) => ({ ...row, replicate }));
  const answers = rows.filter((r) => r.method === method);
  return {
    blobs: [jsonBlob('scores.json', rows)],
    metrics: {
      tries: found.length,
      ...(choose === 'lowest' && { candidates: decoded.length }),
      matches: answers.filter(isMatch).length,
      hits: answers.filter(isHit).length,
    },
  };
};

/** The lowest sane draw of each start; the first one when all are broken. */
async function perTry(
  context: StepContext,
  scorer: Scorer,
  starts: readonly Crystal[],
  decoded: readonly Crystal[],
): Promise<Answer[]> {
  const draws = decoded.length / starts.length;
  const answers: Answer[] = [];
  for (const t of starts.keys()) {
    const own = decoded.slice(t * draws, (t + 1) * draws);
    const [first] = own;
    if (!first) throw new LcomsError('LCOMS_E_INTERNAL', 'a start has no decoded crystal');
    const best = lowestOf(await scoredSane(scorer, own, alive(context)));
    answers.push({ crystal: best?.crystal ?? first, note: `draw ${(best?.index ?? 0) + 1} of ${draws}` });
  }
  return answers;
}

/** The lowest crystals of a compound, whichever starts they came from; the first one when all are broken. */
async function lowestOfAll(
  context: StepContext,
  scorer: Scorer,
  decoded: readonly Crystal[],
  tries: number,
): Promise<Answer[]> {
  const [first] = decoded;
  if (!first) throw new LcomsError('LCOMS_E_INTERNAL', 'there is no decoded crystal');
  const lowest = await lowestDistinct(context, scorer, decoded, tries);
  if (lowest.length === 0) return [{ crystal: first, note: `draw 1 of ${decoded.length}` }];
  return lowest.map(({ crystal, index }) => ({ crystal, note: `draw ${index + 1} of ${decoded.length}` }));
}
