// Relaxes the prototype starts that ASE and PyTorch relaxed, by each method, and compares: energy within 2 meV/atom, the
// same space group. Starts of perfect symmetry can lie on a saddle, where rounding decides who leaves it: a start that is
// missed is relaxed again rattled. Exit code 1 when FIRE misses one whose reference kept the symmetry of its start.
// npm run -s build && node bench/relaxations.mjs [--every N] [--random N] [--models r2scan,0.3.0] [--out FILE]
import { readFileSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { gunzipSync } from 'node:zlib';
import { symmetry } from '../dist/lib/crystal/symmetry.js';
import { Rng } from '../dist/lib/random/rng.js';
import { RELAX_METHODS } from '../dist/lib/relax/minimizer.js';
import { randomCrystal } from '../dist/lib/relax/random-start.js';
import { rattled } from '../dist/lib/relax/rattle.js';
import { relax } from '../dist/lib/relax/relax.js';
import { chgnetScorer } from '../dist/plugins/scorers/chgnet/scorer.js';
import { ELEMENTS } from '../dist/schemas/elements.js';

const { values } = parseArgs({
  options: {
    models: { type: 'string', default: 'r2scan,0.3.0' },
    methods: { type: 'string', default: RELAX_METHODS.join(',') },
    every: { type: 'string', default: '1' },
    random: { type: 'string', default: '0' },
    fmax: { type: 'string', default: '0.02' },
    'max-steps': { type: 'string', default: '500' },
    out: { type: 'string' },
  },
});
/** eV/atom. */
const TOLERANCE = 2e-3;
/** A. */
const SYMPREC = 0.05;
/** A. */
const RATTLE = 0.03;
const fmax = Number(values.fmax);
const maxSteps = Number(values['max-steps']);
const every = Number(values.every);
const root = path.resolve(import.meta.dirname, '..');
const fixture = (name) => readFileSync(path.join(root, 'test', 'fixtures', 'scoring', name));

const crystals = new Map(
  JSON.parse(gunzipSync(fixture('prototype-starts.json.gz')).toString()).map(({ c, p, cell, frac, Z }) => [
    `${c} ${p}`,
    { lattice: cell, frac, species: Z.map((z) => ELEMENTS[z]) },
  ]),
);
const [header, ...lines] = fixture('chgnet_prototypes.csv').toString().trim().split('\n');
const names = header.split(',');
const references = lines.map((line) => Object.fromEntries(line.split(',').map((cell, i) => [names[i], cell])));

/** Compositions of the random starts: 2 to 10 atoms. */
const RANDOM = ['Na Cl', 'Mg Mg O O', 'Ca F F', 'Zn Zn S S', 'Si Si Si Si', 'K Mg F F F', 'Ca Ti O O O'];
RANDOM.push('Ti Ti O O O O', 'Al Al Al Al O O O O O O');

async function prototypes(scorer, model, method) {
  const result = { model, method, starts: 0, evaluations: 0, unconverged: 0, referenceSteps: 0, mismatches: [] };
  for (const reference of references.filter((r) => r.model === model).filter((_, i) => i % every === 0)) {
    const name = `${reference.compound} ${reference.prototype}`;
    const start = crystals.get(name);
    const found = await relax((c) => scorer.evaluate(c), start, { fmax, maxSteps, method });
    result.starts += 1;
    result.evaluations += found.steps + 1;
    result.referenceSteps += Number(reference.steps);
    if (!found.converged) result.unconverged += 1;
    const there = beside(found, reference);
    if (found.converged && Math.abs(there.meV) <= 1000 * TOLERANCE && there.spaceGroup === there.reference) continue;
    const shaken = rattled(start, RATTLE, Rng.from(name));
    const again = await relax((c) => scorer.evaluate(c), shaken, { fmax, maxSteps, method });
    const first = symmetry(start, SYMPREC).number;
    result.mismatches.push({ name, start: first, ...there, rattled: beside(again, reference) });
  }
  return result;
}

/** An end beside that of ASE. */
function beside({ converged, energyPerAtom, crystal }, { e_per_atom: energy, spacegroup_after: group }) {
  const meV = Number((1000 * (energyPerAtom - Number(energy))).toFixed(1));
  return { converged, meV, spaceGroup: symmetry(crystal, SYMPREC).number, reference: Number(group) };
}

async function randomStarts(scorer, model, count) {
  const methods = values.methods.split(',');
  const sums = methods.map((method) => ({ model, method, starts: 0, evaluations: 0, unconverged: 0, lowest: 0 }));
  for (let k = 0; k < count; k++) {
    for (const [f, species] of RANDOM.entries()) {
      const start = randomCrystal(species.split(' '), Rng.from(k).fork(f));
      const ends = [];
      for (const method of methods) ends.push(await relax((c) => scorer.evaluate(c), start, { fmax: 0.05, method }));
      const lowest = Math.min(...ends.map((e) => (e.converged ? e.energyPerAtom : Infinity)));
      for (const [m, end] of ends.entries()) {
        sums[m].starts += 1;
        sums[m].evaluations += end.steps + 1;
        if (!end.converged) sums[m].unconverged += 1;
        else if (end.energyPerAtom - lowest <= TOLERANCE) sums[m].lowest += 1;
      }
    }
  }
  return sums;
}

const report = { machine: os.cpus()[0]?.model, fmax, every, prototypes: [], random: [] };
for (const model of values.models.split(',')) {
  const scorer = await chgnetScorer(model);
  for (const method of values.methods.split(',')) {
    const result = await prototypes(scorer, model, method);
    report.prototypes.push(result);
    const agree = result.starts - result.mismatches.length;
    console.log(`${model} ${method}: ${agree} of ${result.starts} as ASE, ${result.evaluations} evaluations`);
    for (const { name, start, converged, meV, spaceGroup, reference, rattled: again } of result.mismatches) {
      console.log(
        `  ${name}: start ${start}, end ${spaceGroup} at ${meV} meV/atom${converged ? '' : ' (not converged)'}, ` +
          `ASE ${reference}; rattled ${again.spaceGroup} at ${again.meV}${again.converged ? '' : ' (not converged)'}`,
      );
    }
  }
  if (Number(values.random) === 0) continue;
  for (const sum of await randomStarts(scorer, model, Number(values.random))) {
    report.random.push(sum);
    const { method, starts, evaluations, unconverged, lowest } = sum;
    console.log(
      `${model} ${method}: ${starts} random starts, ${evaluations} evaluations, ${unconverged} not converged, ` +
        `lowest of the methods' ends ${lowest} times`,
    );
  }
}
if (values.out) writeFileSync(values.out, `${JSON.stringify(report, null, 2)}\n`);
const wrong = report.prototypes
  .filter(({ method }) => method === 'fire')
  .flatMap(({ mismatches }) => mismatches.filter(({ start, reference }) => start === reference));
process.exit(wrong.length === 0 ? 0 : 1);
