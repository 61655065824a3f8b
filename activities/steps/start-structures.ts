import { canonicalCell } from '../../lib/crystal/canonical-cell.js';
import { atomsIn, parseFormula } from '../../lib/crystal/composition.js';
import { nearestDecorations } from '../../lib/crystal/decorations.js';
import { nearestTemplates } from '../../lib/crystal/templates.js';
import type { Rng } from '../../lib/random/rng.js';
import { asDrawn, drawStart, settled } from '../../lib/relax/draw-start.js';
import { randomCrystal } from '../../lib/relax/random-start.js';
import type { Relaxation } from '../../lib/relax/relax.js';
import { randomSymmetricCrystal } from '../../lib/relax/symmetric-start.js';
import { TemplateStarts } from '../../lib/relax/template-start.js';
import type { Scorer } from '../../plugins/contract/scorer.js';
import type { Crystal } from '../../schemas/crystal.js';
import { LcomsError } from '../../schemas/errors.js';
import type { AtomCount } from '../dag/compounds.js';
import { chooseUnits, spreadTries } from '../predict/cells.js';
import { readJson, type StepContext, type StepFunction } from './context.js';
import { loadDataset } from './models.js';
import { openScorer, refuseUnknownElements, relaxAll } from './scoring.js';
import type { Truth } from './truth.js';

/** How each kind that is made from training crystals finds them. */
const NEAREST = { template: nearestTemplates, decoration: nearestDecorations };

interface Options {
  formula: string;
  atoms: AtomCount;
  tries: number;
  redraws: number;
  kind?: 'random' | 'symmetric' | 'template' | 'decoration';
  relaxed?: boolean;
  pool?: number;
}

/**
 * The paper's random stable starts: the atoms of the compound in a random cell, relaxed to the nearest local minimum. Where
 * the number of atoms is searched the tries are spread over cells of several sizes, small ones first.
 *
 * Of kind `template`: instead, the compound's atoms on the sites of the training crystals most like it, relaxed; try k takes the
 * k-th of its size, and the next ones where that does not relax. Of kind `decoration`: so too, in every way that the sites allow.
 *
 * With `relaxed: false` they are what was drawn. With a `pool` there are as many times more of them.
 */
export const startStructures: StepFunction = async (context) => {
  const { formula, atoms, tries, redraws, kind, relaxed = true, pool = 1 } = context.node.options as unknown as Options;
  const truth = await readJson<Truth>(context, context.input('known'), 'truth.json');
  const cells = speciesOfTries(formula, atoms ?? atomsOfTruth(truth, formula), tries * pool);
  const scorer = await openScorer(context);
  refuseUnknownElements(scorer, formula, cells[0] ?? []);
  // Many that are not relaxed are made at once, of which few are no solids; a relaxation fails more often.
  const draw = await drawsOf(context, kind, relaxed ? cells.length * (redraws + 1) : cells.length + redraws);
  const settle = relaxed ? settled((crystal) => relaxOne(context, scorer, crystal)) : asDrawn;
  const starts: Crystal[] = [];
  let drawn = 0;
  for (const [t, species] of cells.entries()) {
    const start = await drawStart(settle, species, context.rng.fork(`try ${t}`), redraws, draw);
    if (typeof start === 'string') {
      const sane = relaxed ? 'relaxed to a sane minimum' : 'is a sane solid';
      throw new LcomsError(
        'LCOMS_E_INPUT',
        `no ${kind ?? 'random'} start of ${species.join(' ')} ${sane} in ${redraws + 1} draws; the last: ${start}`,
        {
          path: 'steps.start-structures.redraws',
          hint: 'Allow more redraws or relaxation steps, or give another number of atoms.',
        },
      );
    }
    drawn += start.draws;
    // Models see the primitive Niggli cell; the energy per atom is the same.
    starts.push({
      ...canonicalCell(start.crystal),
      id: `${formula}/start/${t}`,
      ...(relaxed && { energyPerAtom: start.crystal.energyPerAtom ?? Number.NaN }),
    });
  }
  const bytes = Buffer.from(starts.map((c) => `${JSON.stringify(c)}\n`).join(''));
  return { blobs: [{ name: 'crystals.jsonl', bytes }], metrics: { tries, draws: drawn, atoms: sizesOf(cells) } };
};

async function relaxOne(context: StepContext, scorer: Scorer, crystal: Crystal): Promise<Relaxation | LcomsError> {
  const [result] = await relaxAll(context, scorer, [crystal], 'starts');
  return result ?? new LcomsError('LCOMS_E_INTERNAL', 'a relaxation gave no result');
}

/** What makes a start before it is relaxed. */
async function drawsOf(
  context: StepContext,
  kind: Options['kind'],
  most: number,
): Promise<(species: readonly string[], rng: Rng) => Crystal> {
  if (kind === 'symmetric') return symmetricOrNot;
  if (kind === undefined || kind === 'random') return randomCrystal;
  const { train, validation } = await loadDataset(context, 'data');
  const templates = new TemplateStarts([...train, ...validation], most, NEAREST[kind]);
  return (species, rng) => templates.draw(species, rng);
}

/** A crystal of a random space group; without symmetry where two thousand cells have no room for so many atoms on its positions. */
function symmetricOrNot(species: readonly string[], rng: Rng): Crystal {
  try {
    return randomSymmetricCrystal(species, rng).crystal;
  } catch (error) {
    if (error instanceof LcomsError && error.code === 'LCOMS_E_INPUT')
      return randomCrystal(species, rng.fork('no symmetry'));
    throw error;
  }
}

/** The atoms of each try. */
function speciesOfTries(formula: string, atoms: number | number[] | 'search', tries: number): string[][] {
  const unit = parseFormula(formula);
  const units =
    atoms === 'search'
      ? chooseUnits(formula, unit, { seen: null, unseen: true })
      : [atoms].flat().map((n) => n / atomsIn(unit));
  return spreadTries(unit, units, tries).flatMap(({ species, tries: given }) =>
    Array.from({ length: given }, () => species),
  );
}

/** `4`, or `2 4 6` where there are several. */
function sizesOf(cells: readonly string[][]): number | string {
  const sizes = [...new Set(cells.map((species) => species.length))];
  return sizes.length === 1 ? (sizes[0] as number) : sizes.join(' ');
}

/** As many atoms as the known ground state has in its primitive cell; two formula units when none is known. */
function atomsOfTruth(truth: Truth, formula: string): number {
  const lowest = truth.compounds.find((c) => c.formula === formula)?.structures[0];
  if (lowest) return canonicalCell(lowest.crystal).species.length;
  return 2 * atomsIn(parseFormula(formula));
}
