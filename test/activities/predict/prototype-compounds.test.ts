import { expect, test } from 'vitest';
import { supportOf } from '../../../activities/predict/precedents.js';
import { prototypeCompounds } from '../../../activities/predict/sources/prototype-compounds.js';
import { compositionOf, parseFormula, reducedFormula } from '../../../lib/crystal/composition.js';
import { bestSubstitution, substitute } from '../../../lib/crystal/substitution.js';
import { STRUCTURE_TYPES } from '../../../lib/prototypes/index.js';
import { crystalOf } from '../../../lib/prototypes/structure-type.js';
import type { Crystal } from '../../../schemas/crystal.js';

const compounds = prototypeCompounds();

test('every compound that a structure type names is there, in its composition', () => {
  const named = STRUCTURE_TYPES.reduce((sum, { like = [] }) => sum + 1 + like.length, 0);
  expect(compounds).toHaveLength(named);
  for (const { name, crystal } of compounds) expect(reducedFormula(compositionOf(crystal.species))).toBe(name);
});

function inType(name: string, formula: string): Crystal {
  const type = STRUCTURE_TYPES.find((t) => t.name === name);
  if (!type) throw new Error(`no structure type ${name}`);
  const crystal = crystalOf(type);
  const way = bestSubstitution(compositionOf(crystal.species), parseFormula(formula));
  if (!way) throw new Error(`${formula} has another stoichiometry than ${name}`);
  return substitute(crystal, way.replace);
}

// None of the three is in the library: what similar compounds have must tell.
test.each([
  ['SrHfO3', 'perovskite, orthorhombic', 'perovskite, 2H'],
  ['CaSe', 'rocksalt', 'NiAs'],
  ['ZnTe', 'zincblende', 'rocksalt'],
])('%s has its precedents in %s, not in %s', (formula, right, wrong) => {
  expect(compounds.map(({ name }) => name)).not.toContain(formula);
  const [of, against] = supportOf(parseFormula(formula), [inType(right, formula), inType(wrong, formula)], compounds);
  expect(of?.share).toBeGreaterThan(2 * (against?.share ?? Number.NaN));
});
