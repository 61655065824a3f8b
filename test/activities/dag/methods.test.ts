import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { expandSpec } from '../../../activities/dag/expand.js';
import { parseSpec } from '../../../activities/dag/load-spec.js';
import { BUILT_IN } from '../../../plugins/built-in.js';
import type { Plugin } from '../../../plugins/contract/define-plugin.js';
import { PluginRegistry } from '../../../plugins/registry.js';

const registry = new PluginRegistry();
for (const plugin of BUILT_IN) registry.add(plugin, 'built-in');

const expand = (text: string) =>
  expandSpec(parseSpec(`apiVersion: 1\nname: tiny\ncompounds: [MgO]\n${text}`, 's.yaml'), registry, 's.yaml');

const THREE = `
methods:
  - name: lcoms
  - name: sl
    surrogate: {use: surrogate/supervised, with: {epochs: 3}}
  - name: cd-vae
    optimizer: {use: optimizer/latent-gradient, with: {steps: 0}}
`;

describe('methods', () => {
  it('branch from one encoder and one set of starts, and share equal surrogates', () => {
    const nodes = expand(THREE);
    const ids = nodes.map(({ id }) => id);
    expect(ids).toEqual([
      ...['data', 'encoder', 'latents', 'known', 'start/MgO', 'baselines/MgO', 'encode/MgO'],
      ...['surrogate', 'surrogate-sl'],
      ...['lcoms', 'sl', 'cd-vae'].flatMap((m) => [`optimize-${m}/MgO`, `decode-${m}/MgO`, `score-${m}/MgO`]),
      'report',
    ]);
    const node = (id: string) => nodes.find((n) => n.id === id);
    expect(node('optimize-cd-vae/MgO')).toMatchObject({
      needs: { surrogate: 'surrogate', latents: 'encode/MgO', reference: 'latents' },
      plugin: { id: 'optimizer/latent-gradient', options: { steps: 0 } },
      helpers: { surrogate: { id: 'surrogate/com' } },
    });
    // The optimizer loads the surrogate by the plugin that trained it.
    expect(node('optimize-sl/MgO')).toMatchObject({
      needs: { surrogate: 'surrogate-sl' },
      helpers: { surrogate: { id: 'surrogate/supervised', options: { epochs: 3 } } },
    });
    expect(node('report')?.needs['scores']).toEqual(['score-lcoms/MgO', 'score-sl/MgO', 'score-cd-vae/MgO']);
    expect(node('report')?.options).toMatchObject({ methods: ['lcoms', 'sl', 'cd-vae'] });
    // Starts are judged once.
    expect(node('score-lcoms/MgO')?.options).not.toHaveProperty('judgeStarts');
    expect(node('score-sl/MgO')?.options).not.toHaveProperty('method');
    expect(node('score-sl/MgO')?.options).toMatchObject({ answers: 'sl', judgeStarts: false });
  });

  it('need names of their own, no pipeline beside them, and plugins that exist', () => {
    expect(() => expand('methods: [{name: start}]')).toThrow(/name the baselines/);
    expect(() => expand('methods: [{name: a}, {name: a}]')).toThrow(/two methods of one name/);
    expect(() => expand('methods: [{name: a}]\npipeline: [{id: data, step: prepare-data}]')).toThrow(/one of the two/);
    expect(() => expand('methods: [{name: a, optimizer: {use: optimizer/nope}}]')).toThrow(/nope/);
    expect(() => expand('methods: [{name: a, optimizer: {use: surrogate/com}}]')).toThrow(/optimizer/);
  });
});

describe('methods over structures', () => {
  const RANDOM = '{name: ras, space: structure, optimizer: {use: optimizer/random, with: {budget: 9}}}';

  it('search with the scorer from the same starts, and need no model when they are alone', () => {
    const nodes = expand(`methods: [{name: lcoms}, ${RANDOM}]`);
    expect(nodes.find(({ id }) => id === 'search-ras/MgO')).toMatchObject({
      step: 'search',
      needs: { starts: 'start/MgO' },
      plugin: { id: 'optimizer/random', options: { budget: 9 } },
      helpers: { scorer: { id: 'scorer/chgnet' } },
      options: { formula: 'MgO', relaxSteps: 0, maxGap: 7 },
    });
    expect(nodes.find(({ id }) => id === 'score-ras/MgO')?.needs).toEqual({
      decoded: 'search-ras/MgO',
      starts: 'start/MgO',
      known: 'known',
    });
    const alone = expand(`methods: [${RANDOM}]`).map(({ step }) => step);
    expect(alone).toEqual([
      ...['prepare-data', 'known-structures', 'start-structures', 'baselines', 'search', 'score', 'report'],
    ]);
  });

  const GN = 'surrogate: {use: surrogate/graph-network, with: {epochs: 5}}';
  const gn = (name: string, more = GN) =>
    `{name: ${name}, space: structure, ${more}, optimizer: {use: optimizer/random, with: {budget: 9}}}`;

  it('search on a surrogate over crystals, trained once on the data, and are judged by the scorer', () => {
    const nodes = expand(`methods: [${gn('gn-ras')}, ${gn('gn-again')}, ${RANDOM}]`);
    expect(nodes.map(({ id }) => id)).toEqual([
      ...['data', 'known', 'start/MgO', 'baselines/MgO', 'surrogate'],
      ...['gn-ras', 'gn-again', 'ras'].flatMap((m) => [`search-${m}/MgO`, `score-${m}/MgO`]),
      'report',
    ]);
    const node = (id: string) => nodes.find((n) => n.id === id);
    expect(node('surrogate')).toMatchObject({ step: 'train-surrogate', needs: { data: 'data' } });
    expect(node('search-gn-again/MgO')).toMatchObject({
      needs: { starts: 'start/MgO', surrogate: 'surrogate' },
      helpers: { surrogate: { id: 'surrogate/graph-network', options: { epochs: 5 } } },
    });
    expect(node('search-gn-ras/MgO')?.helpers).not.toHaveProperty('scorer');
    expect(node('score-gn-ras/MgO')?.plugin).toMatchObject({ id: 'scorer/chgnet' });
    // What a search on the scorer is does not depend on other methods: its result is found again.
    const alone = expand(`methods: [${RANDOM}]`).find(({ id }) => id === 'search-ras/MgO');
    expect(node('search-ras/MgO')).toEqual(alone);
  });

  it('go beside searches of the latent space with surrogates of their own', () => {
    const nodes = expand(`methods: [{name: lcoms}, ${gn('gn-ras')}]`);
    expect(nodes.find(({ id }) => id === 'surrogate')?.needs).toEqual({ data: 'data', latents: 'latents' });
    expect(nodes.find(({ id }) => id === 'surrogate-gn-ras')?.needs).toEqual({ data: 'data' });
    expect(nodes.find(({ id }) => id === 'optimize-lcoms/MgO')?.needs['surrogate']).toBe('surrogate');
    expect(nodes.find(({ id }) => id === 'search-gn-ras/MgO')?.needs['surrogate']).toBe('surrogate-gn-ras');
  });

  it('take no surrogate over latents and no optimizer that cannot search structures', () => {
    const other = (more: string) => () => expand(`methods: [{name: x, space: structure, ${more}}]`);
    expect(other('surrogate: {use: surrogate/com}')).toThrow(/surrogate\/com learns from latents/);
    expect(other('optimizer: {use: optimizer/latent-gradient}')).toThrow(/latent-gradient searches latent spaces/);
    expect(other('optimizer: {use: optimizer/training-latent}')).toThrow(/training-latent searches latent spaces/);
  });
});

describe('a surrogate over crystals', () => {
  const of = (text: string) => () => expand(text);

  it('is refused where latents are searched', () => {
    expect(of('surrogate: {use: surrogate/graph-network}')).toThrow(
      /node "surrogate" \(train-surrogate\): surrogate\/graph-network learns from crystals, not from latents/,
    );
    expect(of('methods: [{name: a, surrogate: {use: surrogate/graph-network}}]')).toThrow(/learns from crystals/);
  });

  it('fits the steps of a pipeline that give it crystals, and no others', () => {
    const pipeline = (train: string, search: string) =>
      of(
        'pipeline:\n  - {id: data, step: prepare-data}\n  - {id: known, step: known-structures, needs: {data: data}}\n' +
          '  - {id: start, step: start-structures, each: compound, needs: {known: known}}\n' +
          '  - {id: t, step: train-encoder, needs: {data: data}}\n' +
          '  - {id: l, step: encode-data, needs: {data: data, encoder: t}}\n' +
          '  - {id: e, step: encode, each: compound, needs: {encoder: t, crystals: start}}\n' +
          `  - {id: s, step: train-surrogate, ${train}}\n  - {id: x, each: compound, ${search}}\n`,
      );
    const GRAPH = 'use: surrogate/graph-network, needs: {data: data}';
    const LATENT = 'use: surrogate/com, needs: {data: data, latents: l}';
    const RANDOM = 'use: optimizer/random';
    const onCrystals = `step: search, ${RANDOM}, needs: {starts: start, surrogate: s}`;
    const onLatents = `step: optimize, ${RANDOM}, needs: {surrogate: s, latents: e, reference: l}`;
    expect(pipeline(GRAPH, onCrystals)).not.toThrow();
    expect(pipeline(LATENT, onLatents)).not.toThrow();
    expect(pipeline(GRAPH, onLatents)).toThrow(/node "x" \(optimize\): it moves latents, .*graph-network.* crystals/);
    expect(pipeline(LATENT, onCrystals)).toThrow(/node "x" \(search\): it moves crystals, .*com predicts from latents/);
    expect(pipeline('use: surrogate/com, needs: {data: data}', onLatents)).toThrow(/"latents" \(latents\) is missing/);
  });
});

describe('evolution', () => {
  it('searches structures, and is refused for latents with what to use there', () => {
    const nodes = expand('methods: [{name: ea, space: structure, optimizer: {use: optimizer/evolution}}]');
    expect(nodes.find(({ id }) => id === 'search-ea/MgO')?.plugin?.options).toMatchObject({
      budget: 50,
      heredity: 0.5,
      newcomers: 0.2,
    });
    for (const text of [
      'optimizer: {use: optimizer/evolution}',
      'methods: [{name: ea, optimizer: {use: optimizer/evolution}}]',
    ]) {
      const refused = expect.objectContaining({
        code: 'LCOMS_E_SPEC',
        message: 'optimizer/evolution searches structure spaces, not latents',
        hint: expect.stringMatching(/optimizer\/cma-es, optimizer\/differential-evolution/) as string,
      });
      expect(() => expand(text)).toThrow(refused);
    }
  });
});

describe('budgets of the searches', () => {
  const METHODS = `
methods:
  - {name: lcoms}
  - {name: few, optimizer: {use: optimizer/pso, with: {budget: 7}}}
  - {name: pso, optimizer: {use: optimizer/pso}}
  - {name: jitter, optimizer: {use: optimizer/jitter}}
  - {name: ras, space: structure, optimizer: {use: optimizer/random}}
`;
  const optionsOf = (nodes: ReturnType<typeof expand>) =>
    Object.fromEntries(
      nodes
        .filter(({ step }) => step === 'optimize' || step === 'search')
        .map(({ id, plugin }) => [id, plugin?.options]),
    );

  it('give every optimizer the same evaluations, but for what a method says itself', () => {
    const nodes = expand(`steps: {optimize: {evaluations: 20}, search: {evaluations: 30}}${METHODS}`);
    expect(optionsOf(nodes)).toMatchObject({
      'optimize-lcoms/MgO': { steps: 19 },
      'optimize-few/MgO': { budget: 7 },
      'optimize-pso/MgO': { budget: 20 },
      'optimize-jitter/MgO': { distance: 3 },
      'search-ras/MgO': { budget: 30 },
    });
    // The number is the optimizer's: the same search without it is the same node.
    const own = expand('optimizer: {use: optimizer/pso, with: {budget: 20}}');
    const given = expand('optimizer: {use: optimizer/pso}\nsteps: {optimize: {evaluations: 20}}');
    expect(given).toEqual(own);
    expect(expand('steps: {optimize: {}, search: {}}')).toEqual(expand(''));
  });

  it('of CPU seconds alone leave the evaluations open, and are in the report', () => {
    const nodes = expand(`steps: {optimize: {cpuSeconds: 2}, search: {cpuSeconds: 5, evaluations: 30}}${METHODS}`);
    expect(optionsOf(nodes)).toMatchObject({
      'optimize-pso/MgO': { budget: 100_000 },
      'optimize-few/MgO': { budget: 7 },
      'search-ras/MgO': { budget: 30 },
    });
    expect(nodes.find(({ id }) => id === 'optimize-pso/MgO')?.options).toMatchObject({ cpuSeconds: 2 });
    expect(nodes.find(({ id }) => id === 'report')?.options).toMatchObject({ cpuBudgets: { optimize: 2, search: 5 } });
    expect(expand('').find(({ id }) => id === 'report')?.options).not.toHaveProperty('cpuBudgets');
  });

  it.each([
    ['steps: {optimize: {cpuSeconds: 0}}', /cpuSeconds: .*>0/],
    ['steps: {optimize: {cpuSeconds: -3}}', /cpuSeconds: .*>0/],
    ['steps: {search: {evaluations: 0}}', /evaluations: .*>=1/],
    ['steps: {optimize: {evaluations: -1}}', /evaluations: .*>=1/],
    ['optimizer: {use: optimizer/pso, with: {budget: 0}}', /budget: .*>=1/],
    ['optimizer: {use: optimizer/random, with: {budget: -5}}', /budget: .*>=1/],
    [
      'methods: [{name: a, space: structure, optimizer: {use: optimizer/evolution, with: {budget: 0}}}]',
      /budget: .*>=1/,
    ],
    ['steps: {search: {minVolume: 2, maxVolume: 1}}', /bounds are reversed/],
    ['steps: {search: {minVolume: -1}}', /minVolume/],
    ['steps: {search: {spaceGroups: [0]}}', /spaceGroups/],
  ])('that make no sense are refused before anything runs: %s', (text, message) => {
    const method = text.startsWith('methods')
      ? ''
      : '\nmethods: [{name: l}, {name: r, space: structure, optimizer: {use: optimizer/random}}]';
    const spec = text.startsWith('optimizer') ? text : text + method;
    expect(() => expand(spec)).toThrow(message);
  });
});

describe('an optimizer of another space', () => {
  it('is refused before anything runs', () => {
    const others = new PluginRegistry();
    for (const plugin of BUILT_IN) others.add(plugin, 'built-in');
    const random = BUILT_IN.find(({ kind, name }) => kind === 'optimizer' && name === 'random') as Plugin;
    others.add({ ...random, name: 'wyckoff', capabilities: { spaces: ['structure'] } }, 'a test');
    const text =
      'apiVersion: 1\nname: tiny\ncompounds: [MgO]\nmethods: [{name: a, optimizer: {use: optimizer/wyckoff}}]';
    expect(() => expandSpec(parseSpec(text, 's.yaml'), others, 's.yaml')).toThrow(
      /optimizer\/wyckoff searches structure spaces, not latents/,
    );
  });
});

describe('experiments/baselines.yaml', () => {
  it('trains once a replicate what its methods share, and gives them one number of evaluations', () => {
    const file = path.resolve(import.meta.dirname, '../../../experiments/baselines.yaml');
    const nodes = expandSpec(parseSpec(readFileSync(file, 'utf8'), file), registry, file);
    const counts = new Map<string, number>();
    for (const { step } of nodes) counts.set(step, (counts.get(step) ?? 0) + 1);
    expect(Object.fromEntries(counts)).toMatchObject({
      ...{ 'prepare-data': 1, 'train-encoder': 3, 'encode-data': 3, 'train-surrogate': 6, 'known-structures': 1 },
      ...{ 'start-structures': 3 * 26, encode: 3 * 26, baselines: 26, search: 5 * 3 * 26, optimize: 10 * 3 * 26 },
    });
    const evaluations = nodes
      .filter(({ step, id }) => (step === 'optimize' || step === 'search') && id.endsWith('/MgO'))
      .flatMap(({ plugin }) => plugin?.options['budget'] ?? [1 + Number(plugin?.options['steps'] ?? Number.NaN)])
      .filter((count) => !Number.isNaN(count));
    // All but CD-VAE, which searches nothing, and the two controls, which have no budget.
    expect(new Set(evaluations)).toEqual(new Set([26, 1]));
    expect(evaluations.filter((count) => count === 1)).toHaveLength(3);
  });
});

describe('methods with options of their own', () => {
  const POOL = `
tries: 2
steps: {decode: {draws: 2}}
methods:
  - {name: lcoms}
  - name: pool
    steps: &pool
      start-structures: {kind: template, relaxed: false, pool: 8}
      optimize: {keep: 5}
      decode: {noise: 0.3}
  - {name: sl, surrogate: {use: surrogate/supervised}, steps: *pool}
  - {name: symmetric, space: starts, steps: {start-structures: {kind: symmetric, relaxed: false}}}
`;

  it('have starts of their own, shared where they are equal, and the other options of the spec', () => {
    const nodes = expand(POOL);
    const node = (id: string) => nodes.find((n) => n.id === id);
    expect(nodes.filter(({ step }) => step === 'start-structures' || step === 'encode').map(({ id }) => id)).toEqual([
      ...['start/MgO', 'encode/MgO', 'start-pool/MgO', 'encode-pool/MgO', 'start-symmetric/MgO'],
    ]);
    expect(node('start/MgO')?.options).not.toHaveProperty('kind');
    expect(node('start-pool/MgO')?.options).toMatchObject({ kind: 'template', relaxed: false, pool: 8, tries: 2 });
    // Templates are training crystals.
    expect(node('start-pool/MgO')?.needs).toEqual({ known: 'known', data: 'data' });
    expect(node('start-symmetric/MgO')?.needs).toEqual({ known: 'known' });
    expect(node('optimize-sl/MgO')).toMatchObject({ needs: { latents: 'encode-pool/MgO' }, options: { keep: 5 } });
    expect(node('decode-sl/MgO')?.options).toMatchObject({ noise: 0.3, draws: 2 });
    expect(node('decode-lcoms/MgO')?.options).toEqual({ draws: 2, formula: 'MgO' });
    // Those without any are the nodes that they would be alone.
    const alone = expand('tries: 2\nsteps: {decode: {draws: 2}}\nmethods: [{name: lcoms}]');
    for (const one of alone) if (one.step !== 'report') expect(node(one.id)).toEqual(one);
  });

  it('answer with the lowest of all that a pool leads to, and judge the shared starts alone', () => {
    const nodes = expand(POOL);
    const node = (id: string) => nodes.find((n) => n.id === id);
    expect(node('score-pool/MgO')?.options).toMatchObject({ choose: 'lowest', tries: 2, judgeStarts: false });
    expect(node('score-lcoms/MgO')?.options).not.toHaveProperty('choose');
    expect(node('score-lcoms/MgO')?.options).not.toHaveProperty('judgeStarts');
    expect(node('score-symmetric/MgO')).toMatchObject({
      needs: { decoded: 'start-symmetric/MgO', starts: 'start-symmetric/MgO', known: 'known' },
      options: { judgeStarts: false },
    });
    const whole = expand('tries: 2\nsteps: {start-structures: {pool: 4, kind: symmetric}}');
    expect(whole.find(({ id }) => id === 'score/MgO')?.options).toMatchObject({ choose: 'lowest', judgeStarts: false });
  });

  it.each([
    [
      'methods: [{name: a, steps: {decode: {noize: 1}}}]',
      /unknown option noize.*\n?.*the options of decode are draws, noise, snap/,
    ],
    ['methods: [{name: a, steps: {decode: {noise: -1}}}]', /noise: .*>=0/],
    ['methods: [{name: a, steps: {decode: {snap: 0.6}}}]', /snap: .*<=0.5/],
    ['methods: [{name: a, steps: {report: {}}}]', /unknown key "report"/],
    ['methods: [{name: a, steps: {start-structures: {pool: 0}}}]', /pool: .*>=1/],
    ['methods: [{name: a, space: starts, optimizer: {use: optimizer/pso}}]', /searched by nothing/],
    [
      'methods: [{name: a, steps: {start-structures: {pool: 3}, score: {choose: try}}}]',
      /choose: try, but 1 tries have 3 starts that go on/,
    ],
    ['tries: 4\nmethods: [{name: a, steps: {optimize: {keep: 2}, score: {choose: try}}}]', /4 tries have 2 starts/],
  ])('are refused where they make no sense: %s', (text, message) => {
    expect(() => expand(text)).toThrow(message);
  });
});

describe('replicates', () => {
  it('do everything random anew and leave the first as it is alone', () => {
    const one = expand('');
    const three = expand('replicates: 3');
    const at = (id: string) => three.find((n) => n.id === id);
    for (const node of one) {
      if (node.step === 'report') continue;
      expect(at(node.id)).toEqual(node);
    }
    const again = three.filter(({ id }) => id.includes('@2')).map(({ step }) => step);
    expect(again).toEqual([
      ...['train-encoder', 'encode-data', 'train-surrogate', 'start-structures'],
      ...['encode', 'optimize', 'decode', 'score'],
    ]);
    expect(at('decode@1/MgO')?.needs).toEqual({
      encoder: 'encoder@1',
      latents: 'optimize@1/MgO',
      crystals: 'start@1/MgO',
    });
    expect(at('start@1/MgO')?.needs).toEqual({ known: 'known' });
    expect(at('score@1/MgO')?.options).toMatchObject({ replicate: 1 });
    expect(at('report')?.needs['scores']).toEqual(['score/MgO', 'score@1/MgO', 'score@2/MgO']);
    expect(new Set(three.map(({ seed }) => seed)).size).toBe(three.length);
  });

  it('go with methods and tries', () => {
    const nodes = expand(`replicates: 2\ntries: 4\n${THREE}`);
    expect(nodes.filter(({ step }) => step === 'score')).toHaveLength(6);
    expect(nodes.find(({ id }) => id === 'baselines/MgO')?.options).toMatchObject({ tries: 4 });
    expect(nodes.find(({ id }) => id === 'optimize-sl@1/MgO')?.helpers).toMatchObject({
      surrogate: { id: 'surrogate/supervised' },
    });
  });
});

describe('a pipeline of its own', () => {
  it('may gather several branches, and loads models by the plugins that trained them', () => {
    const nodes = expand(`
pipeline:
  - {id: data, step: prepare-data}
  - {id: encoder, step: train-encoder, needs: {data: data}, with: {epochs: 2}, use: encoder/cdvae}
  - {id: latents, step: encode-data, needs: {data: data, encoder: encoder}}
  - {id: sl, step: train-surrogate, use: surrogate/supervised, needs: {data: data, latents: latents}}
  - {id: known, step: known-structures, needs: {data: data}}
  - {id: start, step: start-structures, needs: {known: known}, each: compound}
  - {id: encode, step: encode, needs: {encoder: encoder, crystals: start}, each: compound}
  - {id: find, step: optimize, needs: {surrogate: sl, latents: encode, reference: latents}, each: compound}
  - {id: decode, step: decode, needs: {encoder: encoder, latents: find, crystals: start}, each: compound}
  - {id: score, step: score, method: mine, needs: {decoded: decode, starts: start, known: known}, each: compound}
  - {id: report, step: report, needs: {known: known, scores: [score]}}
`);
    const node = (id: string) => nodes.find((n) => n.id === id);
    expect(node('find/MgO')?.helpers['surrogate']?.id).toBe('surrogate/supervised');
    expect(node('decode/MgO')?.plugin?.options).toMatchObject({ epochs: 2 });
    expect(node('latents')?.plugin?.options).toMatchObject({ epochs: 2 });
    expect(node('score/MgO')?.options).toMatchObject({ answers: 'mine' });
  });

  it('refuses a list where one artifact is taken, and a method on another step', () => {
    expect(() =>
      expand('pipeline: [{id: a, step: prepare-data}, {id: e, step: train-encoder, needs: {data: [a]}}]'),
    ).toThrow(/takes one artifact/);
    expect(() => expand('pipeline: [{id: a, step: prepare-data, method: x}]')).toThrow(/only score nodes/);
  });
});
