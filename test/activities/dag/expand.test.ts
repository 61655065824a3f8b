import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { expandSpec } from '../../../activities/dag/expand.js';
import { parseSpec } from '../../../activities/dag/load-spec.js';
import { nodeIdentity, nodeKey } from '../../../activities/dag/node-key.js';
import { BUILT_IN } from '../../../plugins/built-in.js';
import { PluginRegistry } from '../../../plugins/registry.js';
import { LcomsError } from '../../../schemas/errors.js';

const registry = new PluginRegistry();
for (const plugin of BUILT_IN) registry.add(plugin, 'built-in');

const expand = (text: string) =>
  expandSpec(parseSpec(`apiVersion: 1\nname: tiny\n${text}`, 's.yaml'), registry, 's.yaml');

function failure(text: string): LcomsError {
  try {
    expand(text);
  } catch (error) {
    if (error instanceof LcomsError) return error;
    throw error;
  }
  throw new Error('the spec was accepted');
}

const pipeline = (nodes: string) => `compounds: [MgO]\npipeline:\n${nodes}`;

describe('expandSpec', () => {
  it('makes one node per step and per compound, inputs before their users', () => {
    const nodes = expand('compounds: [MgO, NaCl]');
    expect(nodes.map((n) => n.id)).toEqual([
      ...['data', 'encoder', 'latents', 'surrogate', 'known'],
      ...['start', 'baselines', 'encode', 'optimize', 'decode', 'score'].flatMap((s) => [`${s}/MgO`, `${s}/NaCl`]),
      'report',
    ]);
    const seen = new Set<string>();
    for (const node of nodes) {
      for (const id of Object.values(node.needs).flat()) expect(seen).toContain(id);
      seen.add(node.id);
    }
    expect(nodes.at(-1)?.needs.scores).toEqual(['score/MgO', 'score/NaCl']);
  });

  it('refuses more nodes than a workflow holds, before anything runs', () => {
    const methods = Array.from({ length: 20 }, (_, i) => `{name: m${i}}`).join(', ');
    const { code, message } = failure(`methods: [${methods}]\nreplicates: 20\n`);
    expect(code).toBe('LCOMS_E_SPEC');
    expect(message).toMatch(/26 compounds, 20 replicates, 20 methods are \d+ nodes; a run has 4000 at most/);
  });

  it('takes all 26 compounds by default and holds them out of training', () => {
    const nodes = expand('');
    expect(nodes.filter((n) => n.step === 'score')).toHaveLength(26);
    expect(nodes[0]?.options.holdOut).toHaveLength(26);
  });

  it('gives every node a seed of its own that follows the root seed', () => {
    const seeds = (text: string) => expand(text).map((n) => n.seed);
    expect(new Set(seeds('')).size).toBe(seeds('').length);
    expect(seeds('seed: 3')).toEqual(seeds('seed: 3'));
    expect(seeds('seed: 3')[0]).not.toBe(seeds('seed: 4')[0]);
  });

  it('gives starts made from training crystals those crystals, and no others', () => {
    const needs = (text: string) => expand(text).find((n) => n.step === 'start-structures')?.needs;
    const template = 'compounds: [MgO]\nsteps: {start-structures: {kind: template}}';
    expect(needs(template)).toEqual({ known: 'known', data: 'data' });
    expect(needs(`${template}\nmethods: [{name: lcoms}, {name: sl}]`)).toEqual({ known: 'known', data: 'data' });
    expect(needs('compounds: [MgO]\nsteps: {start-structures: {kind: symmetric}}')).toEqual({ known: 'known' });
    const own = pipeline(
      '  - {id: data, step: prepare-data}\n  - {id: known, step: known-structures, needs: {data: data}}\n' +
        '  - {id: start, step: start-structures, needs: {known: known}, each: compound}',
    );
    expect(failure(`${own}\nsteps: {start-structures: {kind: template}}`)).toMatchObject({
      code: 'LCOMS_E_SPEC',
      where: 's.yaml -> pipeline node "start".needs.data',
    });
  });

  it('says of starts how many atoms, and nothing of what is as it always was', () => {
    const options = (text: string) => expand(text).find((n) => n.step === 'start-structures')?.options;
    const before = { fmax: 0.05, maxSteps: 250, redraws: 8, formula: 'MgO', atoms: null, tries: 1 };
    expect(options('compounds: [MgO]')).toEqual(before);
    expect(options('compounds: [MgO]\nsteps: {start-structures: {atoms: known}}')).toEqual(before);
    const searched = 'steps: {start-structures: {atoms: search, kind: symmetric}}';
    expect(options(`compounds: [MgO]\n${searched}`)).toEqual({ ...before, atoms: 'search', kind: 'symmetric' });
    const own = options(`compounds: [{formula: MgO, atoms: [6, 2, 6]}]\n${searched}`);
    expect(own).toEqual({ ...before, atoms: [2, 6], kind: 'symmetric' });
    expect(failure('compounds: [{formula: MgO, atoms: [2, 5]}]').message).toContain('not 5');
  });

  it('tells the report of plugins that are for tests only', () => {
    const report = (text: string) => expand(`compounds: [MgO]\n${text}`).find((n) => n.step === 'report')?.options;
    expect(report('')).toEqual({ compounds: ['MgO'] });
    const used = report('scorer: {use: scorer/lennard-jones}');
    expect(used).toEqual({ compounds: ['MgO'], testOnly: ['scorer/lennard-jones'] });
  });

  it('shares every node that a change of tau does not touch', () => {
    const keys = (text: string) =>
      new Map(
        expand(text).map((n) => [
          n.id,
          nodeKey(nodeIdentity(n, Object.fromEntries(Object.keys(n.needs).map((k) => [k, 'same'])))),
        ]),
      );
    const one = keys('surrogate: {use: surrogate/com, with: {tau: 1}}');
    const two = keys('surrogate: {use: surrogate/com, with: {tau: 2}}');
    expect(two.get('encoder')).toBe(one.get('encoder'));
    expect(two.get('start/MgO')).toBe(one.get('start/MgO'));
    expect(two.get('surrogate')).not.toBe(one.get('surrogate'));
  });

  it('changes the keys of relaxation steps only where another method is named', () => {
    const start = (text: string) => expand(text).find((n) => n.id === 'start/MgO');
    expect(start('')?.options).not.toHaveProperty('method');
    expect(start('steps: {start-structures: {method: lbfgs}}')?.options).toHaveProperty('method', 'lbfgs');
    expect(start('steps: {score: {method: lbfgs}}')).toEqual(start(''));
    expect(failure('steps: {score: {method: bfgs}}').message).toMatch(/fire.*lbfgs/);
  });

  it('gives equal keys whatever the order in which options are written', () => {
    const options = { tau: 0.5, epochs: 3, width: 64, batchSize: 32 };
    fc.assert(
      fc.property(fc.shuffledSubarray(Object.entries(options), { minLength: 4 }), (entries) => {
        const key = (o: Record<string, unknown>) => {
          const node = expand(`surrogate: {use: surrogate/com, with: ${JSON.stringify(o)}}`).find(
            (n) => n.id === 'surrogate',
          );
          return node && nodeKey(nodeIdentity(node, {}));
        };
        expect(key(Object.fromEntries(entries))).toBe(key(options));
      }),
      { numRuns: 20 },
    );
  });

  it('names the nearest plugin, the option and the step that are not known', () => {
    const plugin = failure('optimizer: {use: optimizer/latent-gradiant}');
    expect(plugin.code).toBe('LCOMS_E_PLUGIN_NOT_FOUND');
    expect(plugin.message).toContain('optimizer/latent-gradient');
    expect(plugin.where).toBe('s.yaml -> optimizer.use');
    const option = failure('surrogate: {use: surrogate/com, with: {tua: 1}}');
    expect(option.code).toBe('LCOMS_E_PLUGIN_OPTIONS');
    expect(option.message).toContain('tau');
    const step = failure('steps: {decode: {drows: 1}}');
    expect(step.message).toContain('draws');
  });

  it('refuses a plugin of another kind', () => {
    expect(failure('encoder: {use: surrogate/com}').code).toBe('LCOMS_E_DAG');
  });

  it('refuses formulas and atom counts that cannot be', () => {
    expect(failure('compounds: [Mgo2X]').code).toBe('LCOMS_E_FORMULA');
    expect(failure('compounds: [MgO, OMg]').message).toContain('twice');
    expect(failure('compounds: [{formula: MgO, atoms: 3}]').where).toContain('compounds[0].atoms');
  });
});

describe('own pipelines', () => {
  const good = '  - {id: data, step: prepare-data}\n  - {id: encoder, step: train-encoder, needs: {data: data}}\n';

  it('runs what is written and no more', () => {
    expect(expand(pipeline(good)).map((n) => n.id)).toEqual(['data', 'encoder']);
  });

  it.each([
    [
      'a cycle',
      '  - {id: a, step: encode-data, needs: {data: d, encoder: b}}\n  - {id: d, step: prepare-data}\n  - {id: b, step: train-encoder, needs: {data: b}}\n',
      /must be of kind dataset/,
    ],
    ['a missing input', '  - {id: encoder, step: train-encoder}\n', /"data" \(dataset\) is missing/],
    [
      'an unknown input',
      `${good}  - {id: x, step: train-encoder, needs: {data: data, more: data}}\n`,
      /no input "more"/,
    ],
    ['an unknown node', '  - {id: encoder, step: train-encoder, needs: {data: dta}}\n', /no node "dta"/],
    [
      'a wrong kind',
      `${good}  - {id: x, step: encode-data, needs: {data: encoder, encoder: encoder}}\n`,
      /must be of kind dataset, but node "encoder"/,
    ],
    ['two of one name', '  - {id: data, step: prepare-data}\n  - {id: data, step: prepare-data}\n', /two nodes/],
    [
      'a step that fans out without each',
      `${good}  - {id: k, step: known-structures, needs: {data: data}}\n  - {id: s, step: start-structures, needs: {known: k}}\n`,
      /each: compound/,
    ],
  ])('refuses %s, naming the node and its path', (_, nodes, message) => {
    const error = failure(pipeline(nodes));
    expect(error.code).toBe('LCOMS_E_DAG');
    expect(error.message).toMatch(message);
    expect(error.where).toMatch(/s\.yaml -> pipeline\[\d\]/);
  });

  it('shows the way round a cycle', () => {
    const nodes =
      '  - {id: data, step: prepare-data}\n' +
      '  - {id: k, step: known-structures, needs: {data: data}}\n' +
      '  - {id: e, step: encode, each: compound, needs: {encoder: t, crystals: dec}}\n' +
      '  - {id: t, step: train-encoder, needs: {data: data}}\n' +
      '  - {id: l, step: encode-data, needs: {data: data, encoder: t}}\n' +
      '  - {id: s, step: train-surrogate, needs: {data: data, latents: l}}\n' +
      '  - {id: o, step: optimize, each: compound, needs: {surrogate: s, latents: e, reference: l}}\n' +
      '  - {id: dec, step: decode, each: compound, needs: {encoder: t, latents: o, crystals: dec}}\n';
    expect(failure(pipeline(nodes)).message).toMatch(/cycle: .*dec -> dec|cycle: .*e -> dec -> o -> e/);
  });
});
