import { parseFormula } from '../../lib/crystal/composition.js';
import { hashJson } from '../../lib/hashing/sha256.js';
import type { PluginRegistry } from '../../plugins/registry.js';
import { LcomsError } from '../../schemas/errors.js';
import type { ExperimentSpec, PipelineNode } from '../../schemas/experiment.js';
import { MAXIMUM_NODES, type PlannedNode } from '../../schemas/node.js';
import { checkPipeline } from './check-pipeline.js';
import { checkSpace } from './check-space.js';
import { type Compound, compoundsOf, groupsOf, heldOut } from './compounds.js';
import { figureOptions } from './figures-node.js';
import { lockerFor } from './lock-plugins.js';
import { MADE_FROM_CRYSTALS, pipelineOf } from './methods-pipeline.js';
import { replicated } from './replicates.js';
import { budgetOptions, type SearchBudget } from './search-budget.js';
import { answersOf, givenOptions, judgesStarts } from './starts-of-methods.js';
import { STEPS, type StepContract } from './steps.js';
import { checkSurrogateInput, helpersOf } from './surrogate-inputs.js';

/**
 * The typed DAG of a spec: one planned node per step, per compound where the step fans out, and per replicate. Pure: no
 * file is read (the files that options name are listed with an empty blob reference, filled in by planRun).
 * @throws LcomsError for everything that can be known wrong before running.
 */
export function expandSpec(spec: ExperimentSpec, registry: PluginRegistry, file: string): PlannedNode[] {
  const compounds = compoundsOf(spec, file);
  const pipeline = checkPipeline(pipelineOf(spec), file);
  const lock = lockerFor(spec, pipeline, registry, file);
  checkElements(spec, registry, compounds, file);
  const all = replicated(pipeline, spec.replicates);
  const fansOut = new Set(all.filter(({ node }) => node.each).map(({ node }) => node.id));
  const methods = pipeline.flatMap(({ method }) => method ?? []);
  const judging = judgesStarts(spec, pipeline);
  const holdOut = heldOut(spec, compounds, file);
  const testOnly = new Set<string>();
  const cpuBudgets: Record<string, number> = {};
  const nodes = all.flatMap(({ node, name, replicate }): PlannedNode[] => {
    const contract = STEPS[node.step];
    const written = pipeline.find(({ id }) => id === name) as PipelineNode;
    const { evaluations, ...options } = stepOptions(spec, node, contract, file);
    const budget = { evaluations, cpuSeconds: options['cpuSeconds'] } as SearchBudget;
    const plugin =
      contract.plugin === null ? null : lock(contract.plugin, written, 'own', (own) => budgetOptions(budget, own));
    if (plugin) {
      const path = written.use === undefined ? 'optimizer' : `pipeline node "${name}"`;
      checkSpace(node.step, registry.find(plugin.id), registry, { file, path: `${path}.use` });
    }
    if (options['cpuSeconds'] !== undefined) cpuBudgets[node.step] = options['cpuSeconds'] as number;
    const helpers = Object.fromEntries(
      helpersOf(written, contract).map((kind) => [kind, lock(kind, written, 'helper')]),
    );
    const surrogate = node.step === 'train-surrogate' ? plugin : helpers['surrogate'];
    if (surrogate) {
      const path = `pipeline node "${name}"`;
      checkSurrogateInput(written, registry.find(surrogate.id), { file, path });
    }
    for (const { id } of [plugin, ...Object.values(helpers)].filter((p) => p !== null))
      if (registry.find(id).capabilities.testOnly) testOnly.add(id);
    const base = { step: node.step, queue: contract.queue, plugin, helpers, stepVersion: contract.version, files: {} };
    if (MADE_FROM_CRYSTALS.includes(options['kind']) && !('data' in node.needs)) {
      throw new LcomsError(
        'LCOMS_E_SPEC',
        `starts of kind ${options['kind']} are made from training crystals: name the node that gives them`,
        {
          file,
          path: `pipeline node "${name}".needs.data`,
        },
      );
    }
    const each = node.each ? compounds : [null];
    return each.map((compound) => {
      const of = (id: string): string => (compound ? `${id}/${compound.formula}` : id);
      return {
        ...base,
        id: of(node.id),
        needs: Object.fromEntries(
          Object.entries(node.needs).map(([input, from]) => [input, instances(from, fansOut, compounds, compound)]),
        ),
        options: {
          ...options,
          ...(compound
            ? compoundOptions(node, spec, compound, {
                own: options,
                replicate,
                judgesStarts: name === judging,
                answers: node.step === 'score' ? answersOf(spec, pipeline, written, file) : {},
              })
            : sharedOptions(node, spec, compounds, { methods, pipeline, holdOut })),
        },
        seed: seedOf(spec, of(name), replicate),
      };
    });
  });
  if (nodes.length > MAXIMUM_NODES) {
    const counts = `${compounds.length} compounds, ${spec.replicates} replicates, ${methods.length} methods`;
    throw new LcomsError('LCOMS_E_SPEC', `${counts} are ${nodes.length} nodes; a run has ${MAXIMUM_NODES} at most`, {
      file,
      hint: 'Split the compounds over several specs: what they share is made once.',
    });
  }
  // The report says what its figures are worth. No such options otherwise: it would be another report.
  const caveats = {
    ...(testOnly.size > 0 ? { testOnly: [...testOnly].sort() } : {}),
    ...(Object.keys(cpuBudgets).length > 0 ? { cpuBudgets } : {}),
  };
  return nodes.map((node) => (node.step === 'report' ? { ...node, options: { ...node.options, ...caveats } } : node));
}

/** Ids of the planned nodes that give an input: of the same compound, or of all where the node gathers a fan-out. */
function instances(
  from: string | string[],
  fansOut: ReadonlySet<string>,
  compounds: readonly Compound[],
  compound: Compound | null,
): string | string[] {
  const ids = [from].flat().flatMap((id) => {
    if (!fansOut.has(id)) return [id];
    return compound ? [`${id}/${compound.formula}`] : compounds.map((c) => `${id}/${c.formula}`);
  });
  const gathers = Array.isArray(from) || (compound === null && fansOut.has(from));
  return gathers ? ids : (ids[0] as string);
}

/** Each node's seed depends on the root seed, the node's id in the pipeline and the replicate alone. */
function seedOf(spec: ExperimentSpec, id: string, replicate: number): string {
  return hashJson([spec.seed, id, replicate]).slice(0, 32);
}

function stepOptions(
  spec: ExperimentSpec,
  node: PipelineNode,
  contract: StepContract,
  file: string,
): Record<string, unknown> {
  const parsed = contract.options.safeParse(givenOptions(spec, node));
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  const named = issue?.code === 'unrecognized_keys' ? issue.keys : [String(issue?.path[0])];
  const own = named.some((key) => key in (node.options ?? {}));
  const valid = Object.keys(contract.options.shape).join(', ') || 'none';
  const what =
    issue?.code === 'unrecognized_keys'
      ? `unknown option ${issue.keys.join(', ')}`
      : `${issue?.path.join('.') ?? ''}: ${issue?.message ?? ''}`;
  throw new LcomsError('LCOMS_E_SPEC', `${what}; the options of ${node.step} are ${valid}`, {
    file,
    path: own ? `options of node "${node.id}" (${node.step})` : `steps.${node.step}`,
  });
}

function sharedOptions(
  node: PipelineNode,
  spec: ExperimentSpec,
  compounds: readonly Compound[],
  {
    methods,
    pipeline,
    holdOut,
  }: { methods: readonly string[]; pipeline: readonly PipelineNode[]; holdOut: readonly string[] },
): Record<string, unknown> {
  if (node.step === 'prepare-data') return { holdOut };
  const all = { compounds: compounds.map((c) => c.formula) };
  if (node.step === 'known-structures') return all;
  const groups = groupsOf(compounds);
  if (node.step === 'report') return { ...all, ...(methods.length > 0 && { methods }), ...(groups && { groups }) };
  if (node.step === 'figures') return { ...figureOptions(spec, pipeline, all.compounds) };
  return {};
}

/**
 * Only what the step's result depends on, so that nodes are shared where they can be. `judgesStarts`: the starts are judged
 * once, not again with each method.
 */
function compoundOptions(
  node: PipelineNode,
  spec: ExperimentSpec,
  compound: Compound,
  {
    own,
    replicate,
    judgesStarts,
    answers,
  }: { own: Record<string, unknown>; replicate: number; judgesStarts: boolean; answers: Record<string, unknown> },
): Record<string, unknown> {
  const common = { formula: compound.formula };
  if (node.step === 'start-structures') {
    // What a compound says goes before what the step says of all.
    const atoms = compound.atoms ?? (own['atoms'] === 'search' ? 'search' : null);
    return { ...common, atoms, tries: spec.tries };
  }
  if (node.step === 'baselines' && spec.tries > 1) return { ...common, tries: spec.tries };
  if (node.step === 'score')
    return {
      ...common,
      ...(node.method === undefined ? {} : { answers: node.method }),
      ...(judgesStarts ? {} : { judgeStarts: false }),
      ...(replicate === 0 ? {} : { replicate }),
      ...answers,
    };
  return common;
}

function checkElements(
  spec: ExperimentSpec,
  registry: PluginRegistry,
  compounds: readonly Compound[],
  file: string,
): void {
  const scorer = registry.findKind('scorer', spec.scorer.use, { file, path: 'scorer.use' });
  const known = scorer.capabilities.elements;
  if (!known) return;
  for (const [i, { formula }] of compounds.entries()) {
    const unknown = Object.keys(parseFormula(formula)).filter((e) => !known.includes(e));
    if (unknown.length > 0) {
      throw new LcomsError(
        'LCOMS_E_ELEMENT_UNKNOWN',
        `${spec.scorer.use} does not know ${unknown.join(', ')} (in ${formula}); it knows ${known.join(' ')}`,
        { file, path: `compounds[${i}]` },
      );
    }
  }
}
