import { describe, expect, test } from 'vitest';
import { manifestOf } from '../../../../../plugins/contract/define-plugin.js';
import { cdvae } from '../../../../../plugins/encoders/cdvae/index.js';
import { cdvaeOptionsSchema } from '../../../../../plugins/encoders/cdvae/options.js';
import { paperOptionsSchema } from '../../../../../plugins/encoders/cdvae/paper/options.js';
import { presetOptions } from '../../../../../plugins/encoders/cdvae/presets.js';

const parse = (options: Record<string, unknown>) => presetOptions(cdvae.options.parse(options));

describe('presets', () => {
  test('small takes the defaults of its network', () => {
    for (const given of [{}, { preset: 'small', epochs: 3 }, { maxCrystals: 9, noiseMax: 1 }])
      expect(JSON.stringify(cdvae.options.parse(given))).toBe(JSON.stringify(cdvaeOptionsSchema.parse(given)));
  });

  test('paper has the defaults of the publication, each of which can be set', () => {
    expect(parse({ preset: 'paper' })).toMatchObject({
      latentDimension: 256,
      hiddenWidth: 256,
      encoder: { hidden: 128, blocks: 4, spherical: 7, radial: 6, cutoff: 7, neighbours: 20 },
      decoder: { atomWidth: 128, edgeWidth: 128, blocks: 3, tripletWidth: 64, radialFunctions: 128 },
      latticeTarget: 'parameters',
      noiseLevels: 50,
      noiseMax: 10,
      noiseMin: 0.01,
      sampler: 'langevin',
      langevinSteps: 100,
      langevinStep: 1e-4,
      klWeight: 0.01,
      latticeWeight: 10,
      coordinateWeight: 10,
      energyWeight: 0,
      epochs: 1000,
      batchSize: 256,
      learningRate: 1e-3,
      plateauFactor: 0.6,
      plateauPatience: 30,
      minLearningRate: 1e-4,
      gradientClip: 0.5,
    });
    const set = parse({ preset: 'paper', latentDimension: 9, decoder: { blocks: 1 }, encoder: { cutoff: 6 } });
    expect(set).toMatchObject({ latentDimension: 9, decoder: { blocks: 1, atomWidth: 128 }, encoder: { cutoff: 6 } });
    // As stored and parsed again.
    expect(cdvae.options.parse(JSON.parse(JSON.stringify(set)))).toEqual(set);
  });

  test('medium sets sizes of the light network, and small offers the networks of the paper at its own size', () => {
    expect(parse({ preset: 'medium', width: 80 })).toMatchObject({
      preset: 'medium',
      network: 'vector',
      latentDimension: 128,
      width: 80,
      klWeight: 0.01,
    });
    const light = parse({ preset: 'small', network: 'dimenet-gemnet', decoder: { blocks: 1 }, epochs: 2 });
    expect(light).toMatchObject({
      network: 'dimenet-gemnet',
      latentDimension: 64,
      epochs: 2,
      noiseMax: 0.6,
      encoder: { hidden: 48, spherical: 7 },
      decoder: { blocks: 1, atomWidth: 48, cutoff: 7 },
    });
    expect(cdvae.options.parse(JSON.parse(JSON.stringify(light)))).toEqual(light);
  });

  test('options of the other preset, unknown ones and impossible values are refused, at their path', () => {
    const problem = (options: Record<string, unknown>) => {
      const { error } = cdvae.options.safeParse(options);
      return error?.issues.map(({ path, message }) => `${path.join('.')}: ${message}`).join('; ');
    };
    expect(problem({ preset: 'paper', messageWidth: 3 })).toBe(
      'messageWidth: the network dimenet-gemnet of preset paper has no such option',
    );
    expect(problem({ latticeTarget: 'metric' })).toBe(
      'latticeTarget: the network vector of preset small has no such option',
    );
    expect(problem({ preset: 'paper', network: 'vector' })).toBe(
      'network: the preset paper has no network vector, only dimenet-gemnet',
    );
    expect(problem({ preset: 'paper', decoder: { block: 1 } })).toContain('decoder: Unrecognized key: "block"');
    expect(problem({ preset: 'paper', latens: 1 })).toContain('Unrecognized key: "latens"');
    expect(problem({ preset: 'large' })).toContain('preset');
    expect(problem({ noiseMin: 2 })).toBe('noiseMin: must not be larger than noiseMax');
    expect(problem({ preset: 'paper', noiseMin: 20 })).toBe('noiseMin: must not be larger than noiseMax');
    expect(problem({ preset: 'paper', fastLevels: 100 })).toContain('fastSteps: fastLevels x (fastSteps + 1)');
    expect(problem({ preset: 'paper', minLearningRate: 1 })).toContain('minLearningRate');
  });

  test('the manifest shows every option once with its default', () => {
    const { options } = manifestOf(cdvae as never, 'test');
    const properties = options['properties'] as Record<string, { default?: unknown; description?: string }>;
    const keys = [...Object.keys(cdvaeOptionsSchema.shape), ...Object.keys(paperOptionsSchema.shape)];
    expect(new Set(Object.keys(properties))).toEqual(new Set(keys));
    expect(options['additionalProperties']).toBe(false);
    for (const [key, value] of Object.entries(cdvaeOptionsSchema.parse({})))
      if (key !== 'network') expect(properties[key]?.default, key).toEqual(value);
    expect(properties['epochs']?.description).toBe('(preset medium: 75) (preset paper: 1000)');
    expect(properties['sampler']).toMatchObject({ default: 'fast', enum: ['fast', 'langevin'] });
    expect(properties['decoder']?.default).toMatchObject({ blocks: 3 });
  });
});
