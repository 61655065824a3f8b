/**
 * Makes plugins/scorers/chgnet/model/element-references.json: the lowest crystal of each element by CHGNet-r2SCAN that
 * CHGNet-0.3.0 does not contradict. It does so for W and Pt; the hole of Cl falls to the simulation's own filter.
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
import { atomicNumber } from '../../schemas/elements.js';
import { LcomsError } from '../../schemas/errors.js';

const SEED = 'element-references';
const STARTS_PER_ELEMENT = 5;
/**
 * Smallest distance over the covalent one. No solid element up to Ac comes nearer (N2 0.78), and alpha-Np, the nearest
 * of the actinides, has 0.68; both models have denser minima of V, Ce, U and Np that do not exist.
 */
const MIN_DISTANCE_RATIO = 0.72;
const MIN_DISTANCE_RATIO_ACTINIDES = 0.68;
/** eV/atom above the second opinion's own favourite at which it contradicts. */
const CONTRADICTION = 0.15;
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
const opinion = await chgnetSession('0.3.0');
const energies: Record<string, number> = {};
const structures: Record<string, { start: string; spaceGroup: number; minima: number; contradicted: number }> = {};
for (const element of elements) {
  // Sorted by energy.
  const nearest = (atomicNumber(element) ?? 0) > 89 ? MIN_DISTANCE_RATIO_ACTINIDES : MIN_DISTANCE_RATIO;
  const minima = rows.filter((row) => row.formula === element && row.minDistanceRatio >= nearest);
  const second = (await evaluateChgnet(opinion, minima)).map((result, i) =>
    result instanceof LcomsError ? Number.POSITIVE_INFINITY : result.energy / (minima[i]?.species.length ?? 1),
  );
  const best = Math.min(...second);
  const chosen = second.findIndex((energy) => energy - best <= CONTRADICTION);
  const lowest = minima[chosen];
  if (lowest === undefined) throw new Error(`no crystal of ${element} survived`);
  const final = await relax(evaluate, lowest, { fmax: FINAL_FMAX, maxSteps: 1000 });
  // The last steps may only refine: a fall would be into a hole.
  const refined = final.converged && Math.abs(final.energyPerAtom - lowest.energyPerAtom) < 0.02;
  if (!refined) console.error(`${element}: kept as relaxed to 0.05 eV/A (${final.reason ?? 'fell further'})`);
  energies[element] = Number((refined ? final.energyPerAtom : lowest.energyPerAtom).toFixed(6));
  structures[element] = {
    start: lowest.id.slice(element.length + 1),
    spaceGroup: symmetry(refined ? final.crystal : lowest, 0.05).number,
    minima: minima.length,
    contradicted: chosen,
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
    secondOpinion: { name: 'chgnet', version: '0.3.0', weights: CHGNET_MODELS['0.3.0'], contradiction: CONTRADICTION },
    rejected: written.rejected,
  },
};
writeFileSync(
  packagedFile('plugins/scorers/chgnet/model/element-references.json'),
  `${JSON.stringify(document, null, 2)}\n`,
);
