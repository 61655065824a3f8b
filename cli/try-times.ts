import { isHit, isMatch, type ScoreRow } from '../activities/steps/score-row.js';
import type { PlannedNode } from '../schemas/node.js';
import { methodOf, type Provenance, paidFor } from './method-cost.js';

/** The tries of a method at one compound in one replicate, in the time that they cost. */
export interface TriedCompound {
  method: string;
  formula: string;
  replicate: number;
  /** CPU seconds spent when each try was done, those of all tries before it in them. */
  ends: number[];
  /** CPU seconds until a try within 10 meV/atom of the truth, or below, and until a match; null: none did. */
  hit: number | null;
  match: number | null;
}

/**
 * What each try cost and found. A try pays for what it uses: its start, encoding, search and decoding at an equal share of the
 * compound's nodes; and of the node that judges, which measures tries of several kinds together, a share by evaluations of the
 * scorer. Where the answers are the lowest of all that a pool of starts led to, the first try pays for the pool. A search over structures pays for no start, a relaxed random start for nothing else, a substitution for its share of the
 * baselines. Trainings are not in it. A method whose nodes are not all known is left out.
 *
 * @param rows of results.json
 * @param manifests by node id
 */
export function tryTimes(
  nodes: readonly PlannedNode[],
  manifests: ReadonlyMap<string, Provenance>,
  rows: readonly ScoreRow[],
): TriedCompound[] {
  const byId = new Map(nodes.map((node) => [node.id, node]));
  const rowsOf = new Map<string, ScoreRow[]>();
  for (const row of rows) {
    const key = keyOf(row.method, row.formula, row.replicate ?? 0);
    const own = rowsOf.get(key) ?? [];
    own.push(row);
    rowsOf.set(key, own);
  }
  const found = new Map<string, TriedCompound>();
  const unknown = new Set<string>();
  const tried = (
    method: string,
    formula: string,
    replicate: number,
    seconds: (tries: ScoreRow[]) => number[] | null,
  ) => {
    const key = keyOf(method, formula, replicate);
    const tries = [...(rowsOf.get(key) ?? [])].sort((a, b) => a.try - b.try);
    if (tries.length === 0 || found.has(key)) return;
    const each = seconds(tries);
    if (each === null) unknown.add(method);
    else found.set(key, { method, formula, replicate, ...outcome(tries, each) });
  };
  for (const node of nodes) {
    const formula = node.options['formula'] as string;
    if (node.step === 'score') {
      const method = methodOf(node.options);
      const replicate = Number(node.options['replicate'] ?? 0);
      const starts = rowsOf.get(keyOf('start', formula, replicate)) ?? [];
      const judgedToo = node.options['judgeStarts'] === false ? [] : starts;
      tried(method, formula, replicate, (tries) => answerSeconds(node, byId, manifests, tries, judgedToo));
      const made = [node.needs['starts'] ?? []].flat().flatMap((id) => byId.get(id) ?? [])[0];
      if (made?.step === 'start-structures' && node.options['judgeStarts'] !== false)
        tried('start', formula, replicate, (tries) => equalShares(manifests.get(made.id), tries));
    }
    if (node.step === 'baselines') {
      const all = ['substitution', 'rocksalt'].flatMap((method) => rowsOf.get(keyOf(method, formula, 0)) ?? []);
      for (const method of ['substitution', 'rocksalt'])
        tried(method, formula, 0, (tries) => judgedShares(manifests.get(node.id), tries, all));
    }
  }
  return [...found.values()].filter(({ method }) => !unknown.has(method));
}

const keyOf = (method: string, formula: string, replicate: number): string => `${method} ${formula} ${replicate}`;

/** CPU seconds of each try of a score node, with all that led to it; null where a node is not known. */
function answerSeconds(
  node: PlannedNode,
  byId: ReadonlyMap<string, PlannedNode>,
  manifests: ReadonlyMap<string, Provenance>,
  tries: readonly ScoreRow[],
  judgedToo: readonly ScoreRow[],
): number[] | null {
  const [score, ...led] = paidFor(node, byId);
  const judged = manifests.get((score as PlannedNode).id);
  const all = [...tries, ...judgedToo];
  if (node.options['choose'] === 'lowest') {
    // Answers are chosen from all that the starts led to: all of that comes before the first one.
    const scored = Number(judged?.metrics['candidates'] ?? 0);
    return sums(tries, [
      judgedShares(judged, tries, all, [scored]),
      ...led.map(({ id }) => allAtFirst(manifests.get(id), tries)),
    ]);
  }
  const decode = led.find(({ step }) => step === 'decode');
  // The lowest draw is chosen by the scorer before it is judged.
  const draws = Number(decode?.options['draws'] ?? 1);
  return sums(tries, [
    judgedShares(
      judged,
      tries,
      all,
      tries.map(() => draws),
    ),
    ...led.map(({ id }) => equalShares(manifests.get(id), tries)),
  ]);
}

function sums(tries: readonly ScoreRow[], shares: readonly (number[] | null)[]): number[] | null {
  if (shares.some((share) => share === null)) return null;
  return tries.map((_, k) => shares.reduce((sum, share) => sum + (share?.[k] ?? 0), 0));
}

function equalShares(made: Provenance | undefined, tries: readonly ScoreRow[]): number[] | null {
  return made === undefined ? null : tries.map(() => made.provenance.cpuSeconds / tries.length);
}

const allAtFirst = (made: Provenance | undefined, tries: readonly ScoreRow[]): number[] | null =>
  made === undefined ? null : tries.map((_, k) => (k === 0 ? made.provenance.cpuSeconds : 0));

/**
 * Shares of a node that judged `all`, by evaluations: one as proposed, those of the relaxation, and `before` that, to choose.
 */
function judgedShares(
  made: Provenance | undefined,
  tries: readonly ScoreRow[],
  all: readonly ScoreRow[],
  before: readonly number[] = [],
): number[] | null {
  if (made === undefined) return null;
  const evaluations = ({ relaxSteps }: ScoreRow): number => 2 + (relaxSteps ?? 0);
  const total = [...all.map(evaluations), ...before].reduce((sum, count) => sum + count, 0);
  return tries.map((row, k) => (made.provenance.cpuSeconds * (evaluations(row) + (before[k] ?? 0))) / total);
}

function outcome(tries: readonly ScoreRow[], each: readonly number[]): Pick<TriedCompound, 'ends' | 'hit' | 'match'> {
  let spent = 0;
  const ends = each.map((seconds) => {
    spent += seconds;
    return spent;
  });
  const at = (succeeds: (row: ScoreRow) => boolean): number | null => ends[tries.findIndex(succeeds)] ?? null;
  return { ends, hit: at(isHit), match: at(isMatch) };
}
