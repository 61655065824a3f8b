import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import type { Crystal, Mat3, Vec3 } from '../../../schemas/crystal.js';
import { ELEMENTS } from '../../../schemas/elements.js';

/** The 110 prototype starts that ASE and PyTorch relaxed too. */
export const prototypeStarts: readonly { compound: string; prototype: string; crystal: Crystal }[] = (
  JSON.parse(
    gunzipSync(readFileSync(new URL('../../fixtures/scoring/prototype-starts.json.gz', import.meta.url))).toString(
      'utf8',
    ),
  ) as { c: string; p: string; cell: Mat3; frac: Vec3[]; Z: number[] }[]
).map(({ c, p, cell, frac, Z }) => ({
  compound: c,
  prototype: p,
  crystal: { lattice: cell, frac, species: Z.map((z) => ELEMENTS[z] as string) },
}));
