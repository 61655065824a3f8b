// The fixed set of training batches that both sides of the benchmark work on.
import { readFileSync } from 'node:fs';
import { readCrystals } from '../dist/lib/crystal/io/read.js';
import { prepareCrystal } from '../dist/plugins/encoders/cdvae/prepared-crystal.js';

const SIMULATED = new URL('../plugins/datasets/simulated/ax-minima.jsonl.gz', import.meta.url).pathname;
/** Sizes are spread over those that have enough crystals, up to this many atoms a cell. */
const LARGEST = 20;
const SIZES = 8;

/**
 * Batches of `count` crystals, each of one size, sizes rising and spread over what the data has.
 * @param file JSON lines, or null: the embedded simulated set
 */
export async function batchesOf(file, options, count, rng) {
  const rows = await readCrystals(file ?? SIMULATED);
  const bySize = new Map();
  for (const { crystal } of rng.shuffle(rows.filter((row) => row.crystal !== undefined))) {
    const n = crystal.species.length;
    if (n < 2 || n > LARGEST) continue;
    const group = bySize.get(n) ?? [];
    bySize.set(n, group);
    if (group.length >= count) continue;
    const prepared = prepareCrystal(crystal, options);
    if (prepared.n === n) group.push({ id: crystal.id ?? '', crystal: prepared, energy: 0 });
  }
  const full = [...bySize].filter(([, group]) => group.length === count).sort(([a], [b]) => a - b);
  if (full.length === 0) throw new Error(`no size up to ${LARGEST} atoms has ${count} crystals`);
  const chosen = Math.min(SIZES, full.length);
  const at = (i) => (chosen === 1 ? 0 : Math.round((i * (full.length - 1)) / (chosen - 1)));
  const batches = Array.from({ length: chosen }, (_, i) => full[at(i)][1]);
  for (const row of batches.flat()) row.energy = rng.normal();
  return batches;
}

export const version = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')).version;
