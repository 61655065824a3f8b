import { parseFormula, reducedComposition, reducedFormula } from '../../../lib/crystal/composition.js';
import type { Rng } from '../../../lib/random/rng.js';
import { randomCrystal } from '../../../lib/relax/random-start.js';
import type { Composition, Crystal } from '../../../schemas/crystal.js';
import { atomicNumber } from '../../../schemas/elements.js';
import { prototypeStarts } from './prototypes.js';

/** One start to relax. Its id, `FORMULA/PROTOTYPE` or `FORMULA/rK`, fixes its crystal for a given seed. */
export interface SimulationJob {
  id: string;
  /** Reduced formula. */
  formula: string;
  /** Name of the prototype, or `random`. */
  start: string;
  crystal(): Crystal;
}

/** Formula units of random starts: small cells more often, 8 atoms at most where the formula allows it. */
const MAX_ATOMS = 8;
const UNITS: Record<number, readonly number[]> = { 1: [1, 2, 2, 3, 4, 4], 2: [1, 2, 2, 3, 4], 3: [1, 1, 2] };

/** Every start of every formula in a fixed order: prototypes first, then the random ones, formula by formula. */
export function simulationJobs(formulas: readonly string[], startsPerFormula: number, rng: Rng): SimulationJob[] {
  const compositions = new Map<string, Composition>();
  for (const text of formulas) {
    const composition = reducedComposition(parseFormula(text));
    const formula =
      Object.keys(composition).length === 1 ? (Object.keys(composition)[0] as string) : reducedFormula(composition);
    compositions.set(formula, composition);
  }
  return [...compositions].flatMap(([formula, composition]) => [
    ...prototypeStarts(composition).map(
      ({ name, crystal }): SimulationJob => ({
        id: `${formula}/${name}`,
        formula,
        start: name,
        crystal: () => crystal,
      }),
    ),
    ...Array.from({ length: startsPerFormula }, (_, k): SimulationJob => {
      const id = `${formula}/r${k}`;
      return { id, formula, start: 'random', crystal: () => randomStart(composition, rng.fork(id)) };
    }),
  ]);
}

function randomStart(composition: Composition, rng: Rng): Crystal {
  const perUnit = Object.values(composition).reduce((a, b) => a + b, 0);
  const most = Math.max(1, Math.floor(MAX_ATOMS / perUnit));
  const choices = UNITS[perUnit] ?? Array.from({ length: most }, (_, i) => i + 1);
  const units = choices[rng.int(choices.length)] as number;
  const species = Object.entries(composition)
    .sort(([a], [b]) => (atomicNumber(a) ?? 0) - (atomicNumber(b) ?? 0))
    .flatMap(([symbol, count]) => new Array<string>(count * units).fill(symbol));
  return randomCrystal(species, rng);
}
