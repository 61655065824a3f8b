import { compositionOf, parseFormula, reducedFormula } from '../../lib/crystal/composition.js';
import { bestSubstitution, substitute } from '../../lib/crystal/substitution.js';
import { prototypeStarts } from '../../plugins/datasets/simulated/prototypes.js';
import type { Composition } from '../../schemas/crystal.js';
import { jsonBlob, readJson, type StepFunction } from './context.js';
import type { PreparedCrystal } from './dataset-artifact.js';
import { type Candidate, judge } from './judge.js';
import { loadDataset } from './models.js';
import { isHit, isMatch } from './score-row.js';
import { openScorer } from './scoring.js';
import type { Truth } from './truth.js';

/** Answers that need no model: rocksalt for every AX, and the lowest crystals of the most similar training compositions. */
export const baselines: StepFunction = async (context) => {
  const { formula, tries = 1 } = context.node.options as { formula: string; tries?: number };
  const truth = await readJson<Truth>(context, context.input('known'), 'truth.json');
  const { train, validation } = await loadDataset(context, 'data');
  const composition = parseFormula(formula);
  const candidates = [
    ...rocksalt(composition),
    ...substitutions(composition, [...train, ...validation]).slice(0, tries),
  ];
  const scorer = await openScorer(context);
  const rows = await judge(context, scorer, truth, formula, candidates);
  const metrics: Record<string, boolean> = {};
  for (const row of rows.filter((r) => r.try === 0))
    Object.assign(metrics, { [`${row.method}Match`]: isMatch(row), [`${row.method}Hit`]: isHit(row) });
  return { blobs: [jsonBlob('scores.json', rows)], metrics };
};

/** B1 for every AX; for an element, whose two sites are alike, that is simple cubic. None for other stoichiometries. */
function rocksalt(composition: Composition): Candidate[] {
  const kinds = Object.keys(composition).length;
  if (kinds > 2 || new Set(Object.values(composition)).size > 1) return [];
  const start = prototypeStarts(composition).find((p) => p.name === (kinds === 1 ? 'sc' : 'B1'));
  return start ? [{ method: 'rocksalt', try: 0, crystal: start.crystal, note: null }] : [];
}

/** The lowest-target crystal of each training composition, those whose elements are most like the wanted ones first. */
function substitutions(target: Composition, data: readonly PreparedCrystal[]): Candidate[] {
  const lowest = new Map<string, PreparedCrystal>();
  for (const crystal of data) {
    const key = reducedFormula(compositionOf(crystal.species));
    const held = lowest.get(key);
    if (!held || crystal.target < held.target) lowest.set(key, crystal);
  }
  return [...lowest]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .flatMap(([formula, crystal]) => {
      const found = bestSubstitution(compositionOf(crystal.species), target);
      return found ? [{ formula, crystal, ...found }] : [];
    })
    .sort((a, b) => a.cost - b.cost)
    .map(({ formula, crystal, replace }, i) => ({
      method: 'substitution',
      try: i,
      crystal: substitute(crystal, replace),
      note: `from ${formula}`,
    }));
}
