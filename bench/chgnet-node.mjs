// Our side of chgnet.mjs: `chgnet-node.mjs CELLS MODEL`. Requests and answers are lines of JSON.
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { feedsOf } from '../dist/plugins/scorers/chgnet/feeds.js';
import { buildGraph } from '../dist/plugins/scorers/chgnet/graph.js';
import { chgnet } from '../dist/plugins/scorers/chgnet/index.js';
import { chgnetSession } from '../dist/plugins/scorers/chgnet/session.js';
import { testContext } from '../dist/plugins/testing/index.js';
import { ELEMENTS } from '../dist/schemas/elements.js';

const [cells, model] = process.argv.slice(2);
const crystals = JSON.parse(readFileSync(cells, 'utf8')).map(({ cell, Z, frac }) => ({
  lattice: cell,
  species: Z.map((z) => ELEMENTS[z]),
  frac,
}));
const scorer = await chgnet.create(chgnet.options.parse({ model }), testContext());
const { runtime } = await chgnetSession(model);

async function evaluate(together) {
  const results = [];
  for (let at = 0; at < crystals.length; at += together) {
    results.push(...(await scorer.evaluate(crystals.slice(at, at + together))));
  }
  return results;
}

function graphs() {
  for (const crystal of crystals) feedsOf(buildGraph(crystal));
}

const { version: onnxruntime } = JSON.parse(
  readFileSync(
    new URL(`../node_modules/onnxruntime-${runtime === 'native' ? 'node' : 'web'}/package.json`, import.meta.url),
  ),
);
console.log(JSON.stringify({ ready: true, threads: 1, runtime, versions: { node: process.version, onnxruntime } }));
for await (const line of createInterface({ input: process.stdin })) {
  const request = JSON.parse(line);
  const wall = performance.now();
  const before = process.cpuUsage();
  const results = request.do === 'graphs' ? graphs() : await evaluate(request.together);
  const { user, system } = process.cpuUsage(before);
  const answer = { cpu: (user + system) / 1e6, seconds: (performance.now() - wall) / 1e3 };
  if (request.values) {
    answer.values = results.map(({ energy, forces, stress }, i) => ({
      e: energy / crystals[i].species.length,
      f: [...forces],
      s: [...stress],
    }));
  }
  console.log(JSON.stringify(answer));
}
process.exit(0);
