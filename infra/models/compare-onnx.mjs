// `node infra/models/compare-onnx.mjs NEW.onnx OLD.onnx` after a build: differences between two exports of CHGNet in energy
// (eV/atom), forces (eV/A) and stress (GPa) over the cells of the test fixture, and of each from PyTorch where the model is
// r2scan. Single precision summed in another order differs by some 1e-5 eV/atom in a few cells, to either side: so the
// medians and the mean of energies must agree, and largest differences be within what the package promises.
import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { evaluateChgnet } from '../../dist/plugins/scorers/chgnet/evaluate.js';
import { sessionOf } from '../../dist/plugins/scorers/chgnet/session.js';
import { ELEMENTS } from '../../dist/schemas/elements.js';

/** Median over cells of each difference; mean of signed ones in energy, where rounding cancels; largest of each. */
const LIMITS = {
  median: { energy: 1e-5, forces: 1e-4, stress: 1e-3 },
  bias: { energy: 1e-6 },
  largest: { energy: 2e-4, forces: 1e-3, stress: 0.1 },
};

const files = process.argv.slice(2);
if (files.length !== 2) {
  console.error('usage: node infra/models/compare-onnx.mjs NEW.onnx OLD.onnx');
  process.exit(2);
}
const model = files.every((file) => file.includes('0.3.0')) ? '0.3.0' : 'r2scan';
const fixture = new URL('../../test/fixtures/scoring/chgnet-cases.json.gz', import.meta.url);
const cases = JSON.parse(gunzipSync(readFileSync(fixture)));
const crystals = cases.map(({ cell, Z, frac }) => ({ lattice: cell, species: Z.map((z) => ELEMENTS[z]), frac }));

async function evaluated(file) {
  const session = await sessionOf(readFileSync(file), model);
  return (await evaluateChgnet(session, crystals)).map(({ energy, forces, stress }, i) => ({
    energy: [energy / cases[i].Z.length],
    forces: [...forces],
    stress: [...stress],
  }));
}

/** Over cells: the median and the largest of the largest difference in a cell, and the mean of signed ones in energy. */
function differences(a, b) {
  const found = { median: {}, bias: {}, largest: {} };
  for (const what of ['energy', 'forces', 'stress']) {
    const worst = a.map((values, i) => Math.max(...values[what].map((x, k) => Math.abs(x - b[i][what][k]))));
    worst.sort((x, y) => x - y);
    found.median[what] = worst[worst.length >> 1];
    found.largest[what] = worst.at(-1);
  }
  found.bias.energy = Math.abs(a.reduce((sum, { energy }, i) => sum + energy[0] - b[i].energy[0], 0)) / a.length;
  return found;
}

const [made, known] = [await evaluated(files[0]), await evaluated(files[1])];
const between = differences(made, known);
console.log(JSON.stringify({ model, cells: cases.length, between }));
if (model === 'r2scan') {
  const torch = cases.map(({ e, f, s }) => ({ energy: [e], forces: f.flat(), stress: s.flat() }));
  console.log(JSON.stringify({ newFromTorch: differences(made, torch), oldFromTorch: differences(known, torch) }));
}
const within = Object.entries(LIMITS).every(([how, limits]) =>
  Object.entries(limits).every(([what, limit]) => between[how][what] < limit),
);
process.exit(within ? 0 : 1);
