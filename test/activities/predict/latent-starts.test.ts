import { expect, it } from 'vitest';
import { drawLatents } from '../../../activities/predict/latent-starts.js';
import { Rng } from '../../../lib/random/rng.js';

const reference = Float32Array.from({ length: 20 }, (_, at) => at);
const firsts = (latents: Float32Array): number[] => Array.from(latents).filter((_, at) => at % 2 === 0);

it('draws whole training latents, none twice before all were drawn once', () => {
  for (let seed = 0; seed < 20; seed++) {
    const latents = drawLatents(reference, 2, 15, Rng.from(seed));
    latents.forEach((x, at) => {
      if (at % 2 === 1) expect(x).toBe((latents[at - 1] as number) + 1);
    });
    expect([...firsts(latents).slice(0, 10)].sort((a, b) => a - b)).toEqual(firsts(reference));
    expect(new Set(firsts(latents).slice(10)).size).toBe(5);
  }
  expect(drawLatents(reference, 2, 3, Rng.from(1))).not.toEqual(drawLatents(reference, 2, 3, Rng.from(2)));
});

it('draws from the prior where there are no training latents', () => {
  const latents = drawLatents(new Float32Array(), 50, 40, Rng.from(0));
  const mean = latents.reduce((sum, x) => sum + x, 0) / latents.length;
  const variance = latents.reduce((sum, x) => sum + (x - mean) ** 2, 0) / latents.length;
  expect(latents).toHaveLength(2000);
  expect(Math.abs(mean)).toBeLessThan(0.1);
  expect(Math.abs(variance - 1)).toBeLessThan(0.15);
});
