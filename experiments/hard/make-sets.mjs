// Makes sets.json: validation and test, 120 formulas each in four levels of 30, from a file of known crystals (mp20k).
//
//   easy    binary, at most 4 atoms in the primitive cell of the lowest known structure
//   medium  binary or ternary, 5 to 8 atoms
//   hard    ternary and more, 9 to 20 atoms
//   novel   any size: no training crystal, its elements replaced, matches the lowest known structure (best of 50 templates)
//
// Compounds with elements that CHGNet-r2SCAN does not know, which judges, are left out.
// Training crystals are those of all other formulas, the 26 compounds of the paper left out too. The same file and seed give the same
// sets; they are made once and not changed after, or figures of different days could not be compared.
//
//   npm run -s build && node experiments/hard/make-sets.mjs DATA.jsonl.gz
import { writeFileSync } from 'node:fs';
import {
  atomsIn,
  compositionOf,
  parseFormula,
  reducedComposition,
  reducedFormula,
} from '../../dist/lib/crystal/composition.js';
import { readCrystals } from '../../dist/lib/crystal/io/read.js';
import { matchStructures } from '../../dist/lib/crystal/matcher.js';
import { bestSubstitution, substitute } from '../../dist/lib/crystal/substitution.js';
import { Rng } from '../../dist/lib/random/rng.js';
import { BINARY26 } from '../../dist/plugins/datasets/simulated/binary26.js';
import { chgnetElements } from '../../dist/plugins/scorers/chgnet/elements.js';

const SEED = 'hard-sets/1';
const PER_LEVEL = 30;
const TEMPLATES = 50;
const OUT = new URL('./sets.json', import.meta.url);

const [file] = process.argv.slice(2);
if (!file) {
  console.error('usage: node experiments/hard/make-sets.mjs DATA.jsonl.gz');
  process.exit(2);
}

const lowest = lowestOfEachFormula(await readCrystals(file));
const paper = new Set(Object.keys(BINARY26).map((formula) => reducedFormula(parseFormula(formula))));
const judged = chgnetElements('r2scan');
const candidates = [...lowest.values()].filter(
  (c) => !paper.has(c.formula) && c.kinds > 1 && Object.keys(c.composition).every((element) => judged.has(element)),
);
const order = Rng.from(SEED).shuffle(candidates);

const LEVELS = {
  easy: (c) => c.kinds === 2 && c.atoms <= 4,
  medium: (c) => (c.kinds === 2 || c.kinds === 3) && c.atoms >= 5 && c.atoms <= 8,
  hard: (c) => c.kinds >= 3 && c.atoms >= 9 && c.atoms <= 20,
};
const chosen = Object.fromEntries(
  Object.entries(LEVELS).map(([level, belongs]) => [level, order.filter(belongs).slice(0, 2 * PER_LEVEL)]),
);
const taken = new Set(Object.values(chosen).flat());
chosen.novel = chooseNovel(order.filter((c) => !taken.has(c) && c.atoms <= 20));

const sets = { validation: {}, test: {} };
for (const [level, compounds] of Object.entries(chosen)) {
  const entries = compounds.map(({ formula, atoms }) => ({ formula, atoms }));
  sets.validation[level] = entries.slice(0, PER_LEVEL).sort(byFormula);
  sets.test[level] = entries.slice(PER_LEVEL).sort(byFormula);
}
writeFileSync(OUT, `${JSON.stringify({ seed: SEED, ...sets }, null, 1)}\n`);
console.log(
  Object.entries(chosen)
    .map(([level, all]) => `${level} ${all.length}`)
    .join(', '),
);

/** Formula -> its lowest crystal by formation energy. */
function lowestOfEachFormula(rows) {
  const found = new Map();
  for (const row of rows) {
    if (!('crystal' in row)) continue;
    const { crystal } = row;
    const composition = reducedComposition(compositionOf(crystal.species));
    const formula = reducedFormula(composition);
    const energy = crystal.formationEnergyPerAtom;
    if (found.has(formula) && found.get(formula).energy <= energy) continue;
    const kinds = Object.keys(composition).length;
    found.set(formula, { formula, composition, kinds, atoms: crystal.species.length, energy, crystal });
  }
  return found;
}

/**
 * Formulas that no template answers. Every one chosen leaves the templates of the others, whose best 50 then reach further; so
 * all are looked at again until none has to go.
 */
function chooseNovel(pool) {
  const novel = [];
  let next = 0;
  for (;;) {
    while (novel.length < 2 * PER_LEVEL && next < pool.length) {
      const compound = pool[next++];
      if (!answered(compound, trainingWithout([...novel, compound]))) novel.push(compound);
    }
    const templates = trainingWithout(novel);
    const kept = novel.filter((compound) => !answered(compound, templates));
    if (kept.length === novel.length) return novel;
    novel.splice(0, novel.length, ...kept);
  }
}

function trainingWithout(novel) {
  const out = new Set(novel);
  return candidates.filter((c) => !taken.has(c) && !out.has(c));
}

/** Whether one of the 50 nearest templates matches the truth with its elements replaced; the matcher leaves the volume free. */
function answered(compound, training) {
  return training
    .filter((t) => t.kinds === compound.kinds && atomsIn(t.composition) === atomsIn(compound.composition))
    .map((t) => ({ t, found: bestSubstitution(t.composition, compound.composition) }))
    .filter(({ found }) => found !== null)
    .sort((a, b) => a.found.cost - b.found.cost || byFormula(a.t, b.t))
    .slice(0, TEMPLATES)
    .some(({ t, found }) => matchStructures(substitute(t.crystal, found.replace), compound.crystal).match);
}

function byFormula(a, b) {
  return a.formula < b.formula ? -1 : 1;
}
