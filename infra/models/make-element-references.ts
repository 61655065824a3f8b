/**
 * Makes plugins/scorers/chgnet/model/element-references.json: the lowest crystal of each element by CHGNet-r2SCAN.
 *
 *     npm run build && node dist/infra/models/make-element-references.js WORK_FOLDER
 *
 * About 20 CPU minutes; goes on where it stopped when it is called again.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { elementData } from '../../lib/crystal/element-data.js';
import { symmetry } from '../../lib/crystal/symmetry.js';
import { packagedFile } from '../../lib/package-root.js';
import { relax } from '../../lib/relax/relax.js';
import type { SimulatedRow } from '../../plugins/datasets/simulated/job-log.js';
import { simulate } from '../../plugins/datasets/simulated/simulate.js';
import { evaluateChgnet } from '../../plugins/scorers/chgnet/evaluate.js';
import { CHGNET_MODELS, chgnetSession } from '../../plugins/scorers/chgnet/session.js';

const SEED = 'element-references';
const STARTS_PER_ELEMENT = 5;
/** eV/A: the winners are relaxed further than the candidates. */
const FINAL_FMAX = 0.01;

const out = path.join(process.argv[2] ?? '.', 'elements.jsonl');
const session = await chgnetSession('r2scan');
const identity = { name: 'chgnet', version: 'r2scan', weights: CHGNET_MODELS.r2scan };
// Starts are sized by covalent radii.
const elements = [...session.elements].filter((symbol) => elementData(symbol).covalentRadius !== null);
const evaluate = (crystals: Parameters<typeof evaluateChgnet>[1]) => evaluateChgnet(session, crystals);
const { written } = await simulate({
  formulas: elements,
  startsPerFormula: STARTS_PER_ELEMENT,
  seed: SEED,
  out,
  scorer: { identity, evaluate },
  onProgress: ({ done, total, id }) => {
    if (done % 50 === 0) console.error(`${done}/${total} ${id}`);
  },
});
if (written === undefined) throw new Error('the simulation is not complete');
const rows = readFileSync(out, 'utf8')
  .trim()
  .split('\n')
  .map((line) => JSON.parse(line) as SimulatedRow);
const energies: Record<string, number> = {};
const structures: Record<string, { start: string; spaceGroup: number; minima: number }> = {};
for (const element of elements) {
  const minima = rows.filter((row) => row.formula === element);
  // Sorted by energy: the first is the lowest.
  const lowest = minima[0];
  if (lowest === undefined) throw new Error(`no crystal of ${element} survived`);
  const final = await relax(evaluate, lowest, { fmax: FINAL_FMAX, maxSteps: 1000 });
  if (!final.converged) console.error(`${element}: not converged to ${FINAL_FMAX} eV/A, ${final.maxForce} left`);
  energies[element] = Number(Math.min(final.energyPerAtom, lowest.energyPerAtom).toFixed(6));
  structures[element] = {
    start: lowest.id.slice(element.length + 1),
    spaceGroup: symmetry(final.crystal, 0.05).number,
    minima: minima.length,
  };
}
const document = {
  scorer: identity,
  energies,
  structures,
  provenance: {
    madeBy: 'infra/models/make-element-references.ts',
    seed: SEED,
    randomStartsPerElement: STARTS_PER_ELEMENT,
    finalFmax: FINAL_FMAX,
    rejected: written.rejected,
  },
};
writeFileSync(
  packagedFile('plugins/scorers/chgnet/model/element-references.json'),
  `${JSON.stringify(document, null, 2)}\n`,
);
