import { canonicalCell } from '../../lib/crystal/canonical-cell.js';
import { atomsIn, parseFormula, speciesOf } from '../../lib/crystal/composition.js';
import { stableStart } from '../../lib/relax/stable-start.js';
import type { Crystal } from '../../schemas/crystal.js';
import { LcomsError } from '../../schemas/errors.js';
import { readJson, type StepFunction } from './context.js';
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
  const unit = parseFormula(formula);
  const species = speciesOf(unit, (atoms ?? atomsOfTruth(truth, formula)) / atomsIn(unit));
  const scorer = await openScorer(context);
  refuseUnknownElements(scorer, formula, species);
  const starts: Crystal[] = [];
  let drawn = 0;
  for (let t = 0; t < tries; t++) {
    const relaxOne = async (c: Crystal) => {
      const [result] = await relaxAll(context, scorer, [c], 'starts');
      return result ?? new LcomsError('LCOMS_E_INTERNAL', 'a relaxation gave no result');
    };
    const start = await stableStart(relaxOne, species, context.rng.fork(`try ${t}`), redraws);
    if (typeof start === 'string') {
      throw new LcomsError(
        'LCOMS_E_INPUT',
        `no random start of ${species.join(' ')} relaxed to a sane minimum in ${redraws + 1} draws; the last: ${start}`,
        {
          path: 'steps.start-structures.redraws',
          hint: 'Allow more redraws or relaxation steps, or give another number of atoms.',
        },
      );
    }
    const { crystal } = start.relaxation;
    drawn += start.draws;
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

/** As many atoms as the known ground state has in its primitive cell; two formula units when none is known. */
function atomsOfTruth(truth: Truth, formula: string): number {
  const lowest = truth.compounds.find((c) => c.formula === formula)?.structures[0];
  if (lowest) return canonicalCell(lowest.crystal).species.length;
  return 2 * atomsIn(parseFormula(formula));
}
