import { describe, expect, it } from 'vitest';
import { decode } from '../../../activities/steps/decode.js';
import { writeLatents } from '../../../activities/steps/latents-artifact.js';
import { symmetry } from '../../../lib/crystal/symmetry.js';
import type { Crystal } from '../../../schemas/crystal.js';
import { rowsOf, runStep } from './step-run.js';

const rocksalt: Crystal = {
  lattice: [
    [0.01, 2.1, 2.1],
    [2.1, -0.02, 2.1],
    [2.1, 2.12, 0],
  ],
  species: ['Mg', 'O'],
  frac: [
    [0, 0, 0],
    [0.49, 0.51, 0.5],
  ],
};
/** Nothing makes it symmetric but the translations. */
const askew: Crystal = {
  lattice: [
    [4, 0, 0],
    [0.3, 5, 0],
    [0.7, 1.1, 6],
  ],
  species: ['Mg', 'Mg', 'O'],
  frac: [
    [0, 0, 0],
    [0.31, 0.42, 0.53],
    [0.62, 0.17, 0.77],
  ],
};

/** The step with a decoder that gives the one and then the other, for two latents. */
async function decoded(options: object) {
  const starts = Buffer.from(`${JSON.stringify(rocksalt)}\n${JSON.stringify(askew)}\n`);
  const latents = writeLatents({ dimension: 1, matrices: { latents: Float32Array.of(0, 1) } });
  const model = { decode: async () => [rocksalt, askew], dispose: () => undefined };
  const made = await runStep(decode, {
    options: { draws: 1, ...options },
    inputs: {
      crystals: { blobs: [{ name: 'crystals.jsonl', bytes: starts }], metrics: {} },
      latents: { blobs: [latents], metrics: {} },
      encoder: { blobs: [], metrics: {} },
    },
    plugin: () => ({ load: async () => model }),
  });
  return { metrics: made.metrics, crystals: rowsOf<Crystal>(made, 'crystals.jsonl') };
}

describe('the decode step', () => {
  it('moves what is nearly symmetric onto its symmetry where it is asked to, and counts it', async () => {
    const { metrics, crystals } = await decoded({ snap: 0.3 });
    expect(metrics).toEqual({ crystals: 2, draws: 1, snapped: 1 });
    expect(crystals.map((crystal) => symmetry(crystal, 1e-4).symbol)).toEqual(['Fm-3m', 'P1']);
    expect(crystals[1]).toEqual(askew);
  });

  it('gives crystals as they are decoded otherwise', async () => {
    const { metrics, crystals } = await decoded({});
    expect(metrics).toEqual({ crystals: 2, draws: 1 });
    expect(crystals).toEqual([rocksalt, askew]);
  });
});
