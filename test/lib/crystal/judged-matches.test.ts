import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { latticeFromParameters, toCartesian, toFractional } from '../../../lib/crystal/lattice.js';
import { matchStructures } from '../../../lib/crystal/matcher.js';
import type { Crystal, Mat3, Vec3 } from '../../../schemas/crystal.js';
import { loadFixture, sharedPath } from './fixtures.js';

/** pymatgen's verdicts. */
interface Verdict {
  /** ltol 0.3, stol 0.5, angle_tol 10. */
  match: boolean;
  rms: number | null;
  /** pymatgen's defaults: ltol 0.2, stol 0.3, angle_tol 5. */
  strict: boolean;
}
interface Change {
  supercell: Vec3;
  strain: number;
  rattle: number;
  seed: string;
}
const STRICT = { ltol: 0.2, stol: 0.3, angleTol: 5 };

/** What differs between our verdicts and pymatgen's on a pair, in words: none or one text. rms within 1e-3 where both match. */
function differences(name: string, a: Crystal, b: Crystal, expected: Verdict): string[] {
  const lenient = matchStructures(a, b);
  const strict = matchStructures(a, b, STRICT).match;
  const out: string[] = [];
  if (lenient.match !== expected.match) out.push(`match ${lenient.match}, pymatgen ${expected.match}`);
  else if (lenient.match && Math.abs((lenient.rms ?? 9) - (expected.rms ?? 9)) > 1e-3)
    out.push(`rms ${lenient.rms}, pymatgen ${expected.rms}`);
  if (strict !== expected.strict) out.push(`strict match ${strict}, pymatgen ${expected.strict}`);
  return out.length === 0 ? [] : [`${name}: ${out.join('; ')}`];
}

describe('structure matching against pymatgen', () => {
  it('gives the same verdicts and rms on at least 98 % of 320 pairs', () => {
    const { pairs } = loadFixture<{ pairs: ({ mode: string; a: Crystal; b: Crystal } & Verdict)[] }>(
      'judged-matches.json.gz',
    );
    const wrong = pairs.flatMap(({ mode, a, b, ...expected }, i) => differences(`${mode} ${i}`, a, b, expected));
    expect(pairs).toHaveLength(320);
    // Neither answer alone would do.
    expect(pairs.filter(({ match }) => match).length).toBeGreaterThan(100);
    expect(pairs.filter(({ strict }) => !strict).length).toBeGreaterThan(100);
    expect(wrong.length, wrong.join('\n')).toBeLessThanOrEqual(0.02 * pairs.length);
  });
});

const file = sharedPath('data/mp20k.jsonl.gz');
describe.skipIf(file === undefined)('on crystals of the Materials Project (skipped where ../shared is absent)', () => {
  it('gives the same verdicts and rms on at least 98 % of 300 pairs', () => {
    const { sha256, pairs } = loadFixture<{
      sha256: string;
      pairs: ({ a: string; b: string; change: Change | null } & Verdict)[];
    }>('judged-matches-mp.json.gz');
    const bytes = readFileSync(file as string);
    expect(createHash('sha256').update(bytes).digest('hex')).toBe(sha256);
    const wanted = new Set(pairs.flatMap(({ a, b }) => [a, b]));
    const crystals = new Map<string, Crystal>();
    for (const line of gunzipSync(bytes).toString('utf8').trim().split('\n')) {
      const row = JSON.parse(line) as { id: string; lengths: Vec3; angles: Vec3; species: string[]; frac: Vec3[] };
      if (wanted.has(row.id)) crystals.set(row.id, { ...row, lattice: latticeFromParameters(row.lengths, row.angles) });
    }
    const wrong = pairs.flatMap(({ a, b, change, ...expected }, i) => {
      const second = crystals.get(b) as Crystal;
      const name = `${i} ${a} ${change ? JSON.stringify(change) : b}`;
      return differences(name, crystals.get(a) as Crystal, change ? changed(second, change) : second, expected);
    });
    expect(pairs).toHaveLength(300);
    expect(wrong.length, wrong.join('\n')).toBeLessThanOrEqual(0.02 * pairs.length);
  });
});

/** In [0, 1), as in test/fixtures/make/judged_matches.py. */
const uniform = (seed: string, k: number): number =>
  Number.parseInt(createHash('sha256').update(`${seed}/${k}`).digest('hex').slice(0, 12), 16) / 2 ** 48;

/** What that script did to the second crystal: repeated, strained, each coordinate moved. */
function changed({ lattice, species, frac }: Crystal, { supercell, strain, rattle, seed }: Change): Crystal {
  const [nu, nv, nw] = supercell;
  const places: Vec3[] = [];
  const names: string[] = [];
  for (let u = 0; u < nu; u++) {
    for (let v = 0; v < nv; v++) {
      for (let w = 0; w < nw; w++) {
        for (const f of frac) places.push([(f[0] + u) / nu, (f[1] + v) / nv, (f[2] + w) / nw]);
        names.push(...species);
      }
    }
  }
  const factor = [0, 1, 2].map((k) => 1 + strain * (2 * uniform(seed, k) - 1));
  const large = lattice.map((row, i) =>
    row.map((x, k) => x * (supercell[i] as number) * (factor[k] as number)),
  ) as Mat3;
  const cart = toCartesian(places, large).map(
    (x, i) => x.map((c, k) => c + rattle * (2 * uniform(seed, 3 + 3 * i + k) - 1)) as Vec3,
  );
  return { lattice: large, species: names, frac: toFractional(cart, large) };
}
