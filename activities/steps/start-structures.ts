import { canonicalCell } from '../../lib/crystal/canonical-cell.js';
import { parseFormula } from '../../lib/crystal/composition.js';
import type { Rng } from '../../lib/random/rng.js';
import { randomCrystal } from '../../lib/relax/random-start.js';
import { allOf, convergenceGuard, distanceGuard, volumeGuard } from '../../lib/scoring/guards.js';
import type { Scorer } from '../../plugins/contract/scorer.js';
import type { Crystal } from '../../schemas/crystal.js';
import { LcomsError } from '../../schemas/errors.js';
import { readJson, type StepContext, type StepFunction } from './context.js';
import { openScorer, refuseUnknownElements, relaxAll } from './scoring.js';
import type { Truth } from './truth.js';

interface Options {
  formula: string;
  atoms: number | null;
  tries: number;
  redraws: number;
}

/** The paper's random stable starts: the atoms of the compound in a random cell, relaxed to the nearest local minimum. */
export const startStructures: StepFunction = async (context) => {
  const { formula, atoms, tries, redraws } = context.node.options as unknown as Options;
  const truth = await readJson<Truth>(context, context.input('known'), 'truth.json');
  const species = speciesOf(formula, atoms ?? atomsOfTruth(truth, formula));
  const scorer = await openScorer(context);
  refuseUnknownElements(scorer, formula, species);
  const starts: Crystal[] = [];
  let drawn = 0;
  for (let t = 0; t < tries; t++) {
    const { crystal, draws } = await stableStart(context, scorer, species, context.rng.fork(`try ${t}`), redraws);
    drawn += draws;
    // Models see the primitive Niggli cell; the energy per atom is the same.
    starts.push({
      ...canonicalCell(crystal),
      id: `${formula}/start/${t}`,
      energyPerAtom: crystal.energyPerAtom ?? Number.NaN,
    });
  }
  const bytes = Buffer.from(starts.map((c) => `${JSON.stringify(c)}\n`).join(''));
  return { blobs: [{ name: 'crystals.jsonl', bytes }], metrics: { tries, draws: drawn, atoms: species.length } };
};

async function stableStart(
  context: StepContext,
  scorer: Scorer,
  species: string[],
  rng: Rng,
  redraws: number,
): Promise<{ crystal: Crystal; draws: number }> {
  let last = '';
  for (let draw = 0; draw <= redraws; draw++) {
    const [result] = await relaxAll(context, scorer, [randomCrystal(species, rng.fork(draw))], 'starts');
    if (!result || result instanceof LcomsError) {
      last = result?.message ?? 'no result';
      continue;
    }
    const { ok, reasons } = allOf(convergenceGuard(result), distanceGuard(result.crystal), volumeGuard(result.crystal));
    if (ok) return { crystal: result.crystal, draws: draw + 1 };
    last = reasons.join('; ');
  }
  throw new LcomsError(
    'LCOMS_E_INPUT',
    `no random start of ${species.join(' ')} relaxed to a sane minimum in ${redraws + 1} draws; the last: ${last}`,
    {
      path: 'steps.start-structures.redraws',
      hint: 'Allow more redraws or relaxation steps, or give another number of atoms.',
    },
  );
}

/** As many atoms as the known ground state has in its primitive cell; two formula units when none is known. */
function atomsOfTruth(truth: Truth, formula: string): number {
  const lowest = truth.compounds.find((c) => c.formula === formula)?.structures[0];
  if (lowest) return canonicalCell(lowest.crystal).species.length;
  return 2 * Object.values(parseFormula(formula)).reduce((s, n) => s + n, 0);
}

function speciesOf(formula: string, atoms: number): string[] {
  const unit = Object.entries(parseFormula(formula));
  const units = atoms / unit.reduce((s, [, n]) => s + n, 0);
  return unit.flatMap(([element, n]) => Array.from({ length: n * units }, () => element));
}
