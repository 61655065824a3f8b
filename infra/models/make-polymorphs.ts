/**
 * Makes plugins/datasets/simulated/binary26-polymorphs.jsonl: the known prototypes of the 26 test compounds, relaxed by
 * CHGNet-r2SCAN.
 *
 *     npm run build && node dist/infra/models/make-polymorphs.js
 */
import { writeFileSync } from 'node:fs';
import { parseFormula } from '../../lib/crystal/composition.js';
import { wrap } from '../../lib/crystal/lattice.js';
import { matchStructures } from '../../lib/crystal/matcher.js';
import { symmetry } from '../../lib/crystal/symmetry.js';
import { packagedFile } from '../../lib/package-root.js';
import { relaxMany } from '../../lib/relax/relax.js';
import { solidGuard } from '../../lib/scoring/guards.js';
import { BINARY26, type Polymorph } from '../../plugins/datasets/simulated/binary26.js';
import { prototypeStarts } from '../../plugins/datasets/simulated/prototypes.js';
import { evaluateChgnet } from '../../plugins/scorers/chgnet/evaluate.js';
import { CHGNET_MODELS, chgnetSession } from '../../plugins/scorers/chgnet/session.js';
import type { Mat3, Vec3 } from '../../schemas/crystal.js';
import { LcomsError } from '../../schemas/errors.js';

/** eV/A and steps. */
const FMAX = 0.01;
const MAX_STEPS = 1000;
/** Matching prototypes within this (eV/atom) have relaxed into one polymorph. */
const SAME_ENERGY = 0.002;

const COMMON = ['diamond', 'graphite', 'lonsdaleite'];
/** Space group of each prototype. */
const IDEAL: Readonly<Record<string, number>> = {
  B1: 225,
  B2: 221,
  B3: 216,
  B4: 186,
  B8: 194,
  diamond: 227,
  graphite: 194,
  lonsdaleite: 194,
  dhcp: 194,
  hcp: 194,
  fcc: 225,
  bcc: 229,
  sc: 221,
  A5: 141,
  A7: 166,
  A8: 152,
  A11: 64,
  A14: 64,
  A20: 63,
};
/** Types that are known by their space group, whatever the start was. */
const BY_SPACE_GROUP: Readonly<Record<number, string>> = { 225: 'B1', 221: 'B2', 216: 'B3' };

/**
 * What a start has become: wurtzite flattens into the layers of hexagonal boron nitride (Bk), a close-packed start of
 * carbon can turn into rhombohedral graphite.
 */
function nameOf(formula: string, prototype: string, spaceGroup: number): string {
  const binary = formula !== 'C' && formula !== 'Si';
  const simple = binary ? BY_SPACE_GROUP[spaceGroup] : undefined;
  if (simple !== undefined) return simple;
  if (prototype === 'B4' && spaceGroup === 194) return 'Bk';
  if (formula === 'C' && prototype === 'A7' && spaceGroup === 166) return 'graphite-3R';
  return spaceGroup === IDEAL[prototype] ? prototype : `distorted ${prototype}`;
}

const session = await chgnetSession('r2scan');
const scorer = { name: 'chgnet', version: 'r2scan', weights: CHGNET_MODELS.r2scan };
const lines: string[] = [];
for (const formula of Object.keys(BINARY26)) {
  const starts = prototypeStarts(parseFormula(formula))
    .filter(({ name }) => name !== 'dimer')
    // Where several starts end in one place it bears the name of the commoner type.
    .sort((a, b) => (COMMON.includes(a.name) ? 0 : 1) - (COMMON.includes(b.name) ? 0 : 1));
  const results = await relaxMany(
    (crystals) => evaluateChgnet(session, crystals),
    starts.map(({ crystal }) => crystal),
    { fmax: FMAX, maxSteps: MAX_STEPS },
  );
  const found: Polymorph[] = [];
  results.forEach((result, i) => {
    const prototype = starts[i]?.name ?? '';
    if (result instanceof LcomsError || !result.converged) {
      console.error(
        `${formula} ${prototype}: left out, ${result instanceof LcomsError ? result.message : result.reason}`,
      );
      return;
    }
    const verdict = solidGuard(result.crystal);
    if (!verdict.ok) {
      console.error(`${formula} ${prototype}: left out, ${verdict.reasons.join('; ')}`);
      return;
    }
    const same = found.find(
      (p) => Math.abs(p.energyPerAtom - result.energyPerAtom) < SAME_ENERGY && matchStructures(p, result.crystal).match,
    );
    if (same !== undefined) {
      console.error(`${formula} ${prototype}: relaxed into ${same.prototype}`);
      return;
    }
    const spaceGroup = symmetry(result.crystal, 0.05).number;
    found.push({
      formula,
      prototype: nameOf(formula, prototype, spaceGroup),
      spaceGroup,
      lattice: result.crystal.lattice.map((row) => row.map(rounded)) as Mat3,
      species: result.crystal.species,
      frac: wrap(result.crystal.frac).map((f) => f.map(rounded) as Vec3),
      energyPerAtom: rounded(result.energyPerAtom),
      scorer,
    });
  });
  found.sort((a, b) => a.energyPerAtom - b.energyPerAtom);
  console.error(formula, found.map((p) => `${p.prototype} ${p.spaceGroup} ${p.energyPerAtom.toFixed(4)}`).join(', '));
  lines.push(...found.map((p) => `${JSON.stringify(p)}\n`));
}
writeFileSync(packagedFile('plugins/datasets/simulated/binary26-polymorphs.jsonl'), lines.join(''));

function rounded(x: number): number {
  return Number(x.toFixed(6));
}
