import { describe, expect, it } from 'vitest';
import type { StepContext } from '../../../activities/steps/context.js';
import { writeLatents } from '../../../activities/steps/latents-artifact.js';
import { optimize } from '../../../activities/steps/optimize.js';
import { lowestApart } from '../../../lib/search/lowest-apart.js';
import { readSafetensors } from '../../../lib/tensor/safetensors.js';
import type { Checkpoints } from '../../../plugins/contract/context.js';
import type { Optimizer, SearchSpace } from '../../../plugins/contract/optimizer.js';
import { latentGradient } from '../../../plugins/optimizers/latent-gradient/index.js';
import { pso } from '../../../plugins/optimizers/pso/index.js';
import { testContext } from '../../../plugins/testing/test-context.js';
import type { NodeManifest } from '../../../schemas/artifact.js';
import type { Composition } from '../../../schemas/crystal.js';

const d = 2;
const one = Float32Array.of(1, 1);
const latents: Record<string, Uint8Array> = {
  latents: writeLatents({ dimension: d, matrices: { latents: Float32Array.of(0.5, -0.5) } }).bytes,
  reference: writeLatents({ dimension: d, matrices: { train: Float32Array.of(-1, -1, 1, 1) } }).bytes,
};
const bowl = {
  dimension: d,
  scale: { latentMean: new Float32Array(d), latentStd: one, energyMean: -2, energyStd: 0.5 },
  energies: async (z: Float32Array) =>
    Float32Array.from({ length: z.length / d }, (_, i) => z.slice(i * d, i * d + d).reduce((s, x) => s + x * x, 0)),
  dispose: () => undefined,
};

/** The step on two training latents at (-1, -1) and (1, 1), with an optimizer of one's own. */
function step(optimizer: Optimizer, given: Given = {}): StepContext {
  const { gradients = false, options = {}, surrogate = bowl, checkpoint = testContext().checkpoint } = given;
  const plugin = { id: 'optimizer/mine', version: '1.0.0', cacheVersion: 1, options: {} };
  const manifest = (name: string) => ({ artifact: { digest: name } }) as unknown as NodeManifest;
  return {
    node: {
      plugin,
      options: { formula: 'MgO', ...options },
      helpers: { surrogate: { ...plugin, id: 'surrogate/bowl' } },
    },
    signal: new AbortController().signal,
    tick: () => undefined,
    input: manifest,
    blob: async (from: NodeManifest) => latents[from.artifact.digest],
    create: async () => optimizer,
    capabilities: () => ({ gradients }),
    loaded: async (key: string, load: () => unknown) => (key.startsWith('surrogate:') ? surrogate : await load()),
    pluginContext: { ...testContext(), checkpoint },
  } as unknown as StepContext;
}

/** Options of the step, and the checkpoint that it finds. */
interface Given {
  gradients?: boolean;
  options?: Record<string, unknown>;
  checkpoint?: Checkpoints;
  surrogate?: object;
}

describe('the optimize step', () => {
  it('searches the box of the training latents for the lowest energy', async () => {
    const swarm = (await pso.create(pso.options.parse({ budget: 400 }), testContext())) as Optimizer;
    const { metrics } = await optimize(step(swarm));
    expect(metrics['evaluations']).toBe(400);
    expect(metrics['predictedFirst']).toBeCloseTo(-2 + 0.5 * 0.5, 5);
    expect(metrics['predictedLast']).toBeCloseTo(-2, 3);
  });

  it('names an optimizer that asks for points outside the box, or for gradients that there are not', async () => {
    const asking = (x: number, gradients: boolean): Optimizer => {
      const search = {
        ask: () => ({ points: Float32Array.of(x, 0), gradients }),
        tell: () => undefined,
        result: () => ({ points: new Float32Array(d), values: new Float32Array(1), trace: [new Float32Array(1)] }),
        evaluations: 0,
        state: () => new Uint8Array(0),
      };
      return { start: () => search, restore: () => search };
    };
    await expect(optimize(step(asking(1.2, false)))).rejects.toThrow(/optimizer\/mine asked for a point outside/);
    await expect(optimize(step(asking(Number.NaN, false)))).rejects.toThrow(/optimizer\/mine .* is NaN/);
    await expect(optimize(step(asking(0, true), { gradients: true }))).rejects.toThrow(
      /mine needs gradients, which surrogate\/bowl/,
    );
  });

  it('asks a surrogate that takes the composition for that of its compound', async () => {
    const swarm = (await pso.create(pso.options.parse({ budget: 20 }), testContext())) as Optimizer;
    const surrogate = {
      ...bowl,
      energies: () => Promise.reject(new Error('asked without a composition')),
      forComposition: (unit: Composition) => ({
        ...bowl,
        energies: async (z: Float32Array) => (await bowl.energies(z)).map((e) => e + 100 * (unit['O'] ?? 0)),
      }),
    };
    const { metrics } = await optimize(step(swarm, { surrogate, options: { formula: 'CO2' } }));
    expect(metrics['predictedFirst']).toBeCloseTo(-2 + 0.5 * 200.5, 3);
  });

  describe('with a budget of CPU seconds', () => {
    const swarm = async (budget: number) =>
      (await pso.create(pso.options.parse({ budget }), testContext())) as Optimizer;

    it('ends with the batch that passes it, gives what it has found so far, and says that it will not repeat', async () => {
      // So small that the first batch, whatever it takes, passes it; the machine's clock may count in 10 ms.
      const { metrics, blobs } = await optimize(step(await swarm(1_000_000), { options: { cpuSeconds: 1e-6 } }));
      expect(metrics['evaluations']).toBeLessThan(1000);
      expect(metrics).toMatchObject({ stoppedBy: 'cpuSeconds', cpuSecondsBudget: 1e-6 });
      expect(metrics['note']).toMatch(/another run may give other bytes/);
      expect(metrics['predictedLast']).toBeLessThanOrEqual(metrics['predictedFirst'] as number);
      const { predicted } = JSON.parse(Buffer.from(blobs[1]?.bytes ?? []).toString('utf8')) as {
        predicted: number[][];
      };
      expect(predicted[0]).toHaveLength(metrics['evaluations'] as number);
      expect(predicted[0]).not.toContain(null);
    });

    it('is the same as without when the evaluations end first, and not when nobody asks for it', async () => {
      const without = await optimize(step(await swarm(100)));
      const within = await optimize(step(await swarm(100), { options: { cpuSeconds: 1000 } }));
      expect(within.blobs).toEqual(without.blobs);
      expect(within.metrics).toMatchObject({ stoppedBy: 'evaluations', evaluations: 100 });
      expect(without.metrics).not.toHaveProperty('note');
    });

    it('counts what earlier attempts spent', async () => {
      const begun = await swarm(1_000_000);
      const space = {
        kind: 'latent',
        dimension: d,
        lower: Float64Array.of(-1, -1),
        upper: one,
      } as unknown as SearchSpace;
      const state = begun.start(space, Float32Array.of(0.5, -0.5)).state();
      const checkpoint: Checkpoints = {
        latest: async () => ({ step: 0, info: { cpuSeconds: [7] }, load: async () => state }),
        due: () => false,
        save: async () => undefined,
      };
      const resumed = step(await swarm(1_000_000), { options: { cpuSeconds: 5 }, checkpoint });
      const { metrics } = await optimize(resumed);
      expect(metrics).toMatchObject({ stoppedBy: 'cpuSeconds' });
      expect(metrics['evaluations']).toBeLessThan(1000);
      expect(metrics['cpuSeconds']).toBeGreaterThanOrEqual(7);
    });
  });

  it('lets go on the starts of lowest predicted energy, no two alike, and says which', async () => {
    const starts = Float32Array.of(2, 0, 0.5, 0, 1, 0, 0.5, 1e-6, 0, -3);
    const still = (await latentGradient.create(latentGradient.options.parse({ steps: 0 }), testContext())) as Optimizer;
    const context = step(still, { gradients: true, options: { keep: 3 } });
    const five = writeLatents({ dimension: d, matrices: { latents: starts } }).bytes;
    const { blobs, metrics } = await optimize({
      ...context,
      blob: async (from: NodeManifest) =>
        from.artifact.digest === 'latents' ? five : (latents[from.artifact.digest] as Uint8Array),
    } as StepContext);
    const named = new Map(blobs.map(({ name, bytes }) => [name, bytes]));
    expect(JSON.parse(Buffer.from(named.get('kept.json') as Uint8Array).toString())).toEqual([1, 2, 0]);
    const { tensors } = readSafetensors(named.get('latents.safetensors') as Uint8Array, 'latents');
    expect(Array.from(tensors['latents']?.data as Float32Array)).toEqual([0.5, 0, 1, 0, 2, 0]);
    expect(metrics).toMatchObject({ kept: 3, evaluations: 5 });
    // More than there are different ones.
    const all = lowestApart(starts, Float32Array.of(4, 0.25, 1, 0.25, Number.NaN), 9);
    expect(all).toEqual([1, 2, 0, 4]);
  });
});
