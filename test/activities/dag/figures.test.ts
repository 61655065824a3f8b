import { describe, expect, it } from 'vitest';
import { expandSpec } from '../../../activities/dag/expand.js';
import { parseSpec } from '../../../activities/dag/load-spec.js';
import { BUILT_IN } from '../../../plugins/built-in.js';
import { PluginRegistry } from '../../../plugins/registry.js';

const registry = new PluginRegistry();
for (const plugin of BUILT_IN) registry.add(plugin, 'built-in');

const expand = (text: string) =>
  expandSpec(parseSpec(`apiVersion: 1\nname: tiny\ncompounds: [MgO, ZnS]\n${text}`, 's.yaml'), registry, 's.yaml');

const METHODS = `
methods:
  - name: com
    title: COM
    along: [5, 0]
  - name: sl
    surrogate: {use: surrogate/supervised}
    along: [0, 100]
    optimizer: {use: optimizer/latent-gradient, with: {stop: distance}}
`;

describe('methods judged along the way', () => {
  it('are a method for each number of steps, on one surrogate', () => {
    const nodes = expand(METHODS);
    expect(nodes.filter(({ step }) => step === 'train-surrogate').map(({ id }) => id)).toEqual([
      'surrogate',
      'surrogate-sl',
    ]);
    const searches = nodes.filter(({ id }) => /^optimize.*MgO/.test(id));
    expect(searches.map(({ id, plugin, needs }) => [id, plugin?.options['steps'], needs['surrogate']])).toEqual([
      ['optimize-com-00/MgO', 0, 'surrogate'],
      ['optimize-com-05/MgO', 5, 'surrogate'],
      ['optimize-sl-000/MgO', 0, 'surrogate-sl'],
      ['optimize-sl-100/MgO', 100, 'surrogate-sl'],
    ]);
    expect(searches.at(-1)?.plugin?.options).toMatchObject({ stop: 'distance' });
    expect(nodes.at(-1)?.options).toMatchObject({ methods: ['com-00', 'com-05', 'sl-000', 'sl-100'] });
  });

  it('need steps once each, and an optimizer that takes steps', () => {
    expect(() => expand('methods: [{name: a, along: [1, 1]}]')).toThrow(/given twice/);
    expect(() => expand('methods: [{name: a, along: [1], optimizer: {use: optimizer/pso}}]')).toThrow(/steps/);
    expect(() =>
      expand('methods: [{name: a, along: [1], space: structure, optimizer: {use: optimizer/random}}]'),
    ).toThrow(/only searches over latents/);
  });
});

describe('figures', () => {
  it('are a node of their own, which leaves the others as they are', () => {
    const plain = expand(METHODS);
    const drawn = expand(`figures: [search, training]\n${METHODS}`);
    expect(drawn.slice(0, -1)).toEqual(plain);
    const node = drawn.at(-1);
    expect(node).toMatchObject({ id: 'figures', step: 'figures', needs: { data: 'data' } });
    expect(node?.needs['scores']).toHaveLength(8);
    expect(node?.needs['trainings']).toEqual(['surrogate', 'surrogate-sl']);
    expect(node?.options).toEqual({
      compounds: ['MgO', 'ZnS'],
      draw: ['search', 'training'],
      series: [
        { title: 'COM', methods: [0, 5].map((steps) => ({ steps, method: `com-0${steps}` })) },
        {
          title: 'sl',
          methods: [
            { steps: 0, method: 'sl-000' },
            { steps: 100, method: 'sl-100' },
          ],
        },
      ],
      trainings: { surrogate: 'COM', 'surrogate-sl': 'sl' },
    });
  });

  it('gather all replicates, and go without models', () => {
    const twice = expand('figures: [training]\nreplicates: 2').at(-1);
    expect(twice?.needs).toMatchObject({ trainings: ['surrogate', 'surrogate@1'], data: 'data' });
    const structures = expand(
      'figures: [improvement]\nmethods: [{name: ras, space: structure, optimizer: {use: optimizer/random}}]',
    ).at(-1);
    expect(Object.keys(structures?.needs ?? {})).toEqual(['data', 'scores']);
  });

  it('have names that exist, and no pipeline beside them', () => {
    expect(() => expand('figures: [pie]')).toThrow(/search/);
    expect(() => expand('figures: [search]\npipeline: [{id: data, step: prepare-data}]')).toThrow(/default pipeline/);
  });
});
