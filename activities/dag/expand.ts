import { parseFormula } from '../../lib/crystal/composition.js';
import { hashJson } from '../../lib/hashing/sha256.js';
import type { PluginRegistry } from '../../plugins/registry.js';
import { LcomsError } from '../../schemas/errors.js';
import type { ExperimentSpec, PipelineNode } from '../../schemas/experiment.js';
import type { LockedPlugin, PlannedNode } from '../../schemas/node.js';
import type { PluginKind } from '../../schemas/plugin.js';
import { checkPipeline } from './check-pipeline.js';
import { type Compound, compoundsOf } from './compounds.js';
import { DEFAULT_PIPELINE } from './default-pipeline.js';
import { STEPS, type StepContract } from './steps.js';

/** Slot of the spec that gives the plugin of a kind. */
const SLOT_OF: Readonly<Record<PluginKind, 'data' | 'encoder' | 'surrogate' | 'optimizer' | 'scorer'>> = {
  dataset: 'data',
  encoder: 'encoder',
  surrogate: 'surrogate',
  optimizer: 'optimizer',
  scorer: 'scorer',
};

/**
 * The typed DAG of a spec: one planned node per step, and per compound where the step fans out. Pure: no file is read
 * (the files that options name are listed with an empty blob reference, filled in by planRun).
 * @throws LcomsError for everything that can be known wrong before running.
 */
export function expandSpec(spec: ExperimentSpec, registry: PluginRegistry, file: string): PlannedNode[] {
  const compounds = compoundsOf(spec, file);
  const pipeline = checkPipeline(spec.pipeline ?? DEFAULT_PIPELINE, file);
  const lock = lockerFor(spec, registry, file);
  checkElements(spec, registry, compounds, file);
  const fansOut = new Set(pipeline.filter((n) => n.each).map((n) => n.id));
  const testOnly = new Set<string>();
  const nodes = pipeline.flatMap((node): PlannedNode[] => {
    const contract = STEPS[node.step];
    const plugin = contract.plugin === null ? null : lock(contract.plugin, node);
    const helpers = Object.fromEntries(contract.helpers.map((kind) => [kind, lock(kind)]));
    for (const { id } of [plugin, ...Object.values(helpers)].filter((p) => p !== null))
      if (registry.find(id).capabilities.testOnly) testOnly.add(id);
    const options = stepOptions(spec, node, contract, file);
    const base = { step: node.step, queue: contract.queue, plugin, helpers, stepVersion: contract.version, files: {} };
    if (!node.each) {
      const needs = Object.fromEntries(
        Object.entries(node.needs).map(([name, from]) => [
          name,
          fansOut.has(from) ? compounds.map((c) => `${from}/${c.formula}`) : from,
        ]),
      );
      return [
        {
          ...base,
          id: node.id,
          needs,
          options: { ...options, ...sharedOptions(node, spec, compounds) },
          seed: seedOf(spec, node.id),
        },
      ];
    }
    return compounds.map((compound) => {
      const id = `${node.id}/${compound.formula}`;
      const needs = Object.fromEntries(
        Object.entries(node.needs).map(([name, from]) => [
          name,
          fansOut.has(from) ? `${from}/${compound.formula}` : from,
        ]),
      );
      return {
        ...base,
        id,
        needs,
        options: { ...options, ...compoundOptions(node, spec, compound, options) },
        seed: seedOf(spec, id),
      };
    });
  });
  // The report says what its energies are worth. No such option otherwise: it would be another report.
  return nodes.map((node) =>
    node.step === 'report' && testOnly.size > 0
      ? { ...node, options: { ...node.options, testOnly: [...testOnly].sort() } }
      : node,
  );
}

/** Each node's seed depends on the root seed and the node's id alone. */
function seedOf(spec: ExperimentSpec, id: string): string {
  return hashJson([spec.seed, id, 0]).slice(0, 32);
}

function lockerFor(spec: ExperimentSpec, registry: PluginRegistry, file: string) {
  return (kind: PluginKind, node?: PipelineNode): LockedPlugin => {
    const slot = SLOT_OF[kind];
    const own = node?.use !== undefined;
    const use = node?.use ?? spec[slot].use;
    const where = own ? `pipeline node "${node.id}"` : slot;
    registry.findKind(kind, use, { file, path: `${where}.use` });
    const options = own ? (node.with ?? {}) : { ...spec[slot].with, ...node?.with };
    return registry.lock(use, options, { file, path: `${where}.with` });
  };
}

function stepOptions(
  spec: ExperimentSpec,
  node: PipelineNode,
  contract: StepContract,
  file: string,
): Record<string, unknown> {
  const parsed = contract.options.safeParse(spec.steps[node.step] ?? {});
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  const valid = Object.keys(contract.options.shape).join(', ') || 'none';
  const what =
    issue?.code === 'unrecognized_keys'
      ? `unknown option ${issue.keys.join(', ')}`
      : `${issue?.path.join('.') ?? ''}: ${issue?.message ?? ''}`;
  throw new LcomsError('LCOMS_E_SPEC', `${what}; the options of ${node.step} are ${valid}`, {
    file,
    path: `steps.${node.step}`,
  });
}

function sharedOptions(
  node: PipelineNode,
  spec: ExperimentSpec,
  compounds: readonly Compound[],
): Record<string, unknown> {
  if (node.step === 'prepare-data') return { holdOut: spec.holdOut ? compounds.map((c) => c.formula) : [] };
  if (node.step === 'known-structures' || node.step === 'report') return { compounds: compounds.map((c) => c.formula) };
  return {};
}

/** Only what the step's result depends on, so that nodes are shared where they can be. */
function compoundOptions(
  node: PipelineNode,
  spec: ExperimentSpec,
  compound: Compound,
  own: Record<string, unknown>,
): Record<string, unknown> {
  const common = { formula: compound.formula };
  if (node.step !== 'start-structures') return common;
  // What a compound says goes before what the step says of all.
  const atoms = compound.atoms ?? (own['atoms'] === 'search' ? 'search' : null);
  return { ...common, atoms, tries: spec.tries };
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
