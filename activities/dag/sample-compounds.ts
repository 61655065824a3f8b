import { minimaOf } from '../../lib/crystal/io/rows.js';
import { Rng } from '../../lib/random/rng.js';
import type { Plugin } from '../../plugins/contract/define-plugin.js';
import type { PluginRegistry } from '../../plugins/registry.js';
import { testContext } from '../../plugins/testing/test-context.js';
import type { Crystal } from '../../schemas/crystal.js';
import { LcomsError } from '../../schemas/errors.js';
import type { CompoundSample, ExperimentSpec } from '../../schemas/experiment.js';
import { formulaOf } from '../steps/filter-crystals.js';

/**
 * The spec with its sample of compounds, if it asks for one, as the list of their formulas, sorted: drawn from those
 * formulas of the data whose lowest crystal has few enough atoms, all of elements that the scorer knows. They are held
 * out like compounds that were given. Reads the data; the draw follows from the root seed and the formulas alone.
 *
 * @param files where the files lie that options of the data name
 * @throws LcomsError LCOMS_E_SPEC when the data have too few such formulas; what the data set throws
 */
export async function withSampledCompounds(
  spec: ExperimentSpec,
  registry: PluginRegistry,
  file: string,
  files: (options: Record<string, string>) => Promise<Record<string, string>>,
): Promise<ExperimentSpec> {
  const wanted = spec.compounds;
  if (typeof wanted === 'string' || Array.isArray(wanted) || !('sample' in wanted)) return spec;
  const where = { file, path: 'data.use' };
  const plugin: Plugin<'dataset'> = registry.findKind('dataset', spec.data.use, where);
  const { options } = registry.lock(spec.data.use, spec.data.with, where);
  const given = plugin.files?.(options) ?? {};
  const dataset = await plugin.create(options, testContext({ files: await files(given) }));
  const { rows, energy } = await dataset.load();
  const crystals = minimaOf(rows);
  const known = registry.findKind('scorer', spec.scorer.use, { file, path: 'scorer.use' }).capabilities.elements;
  const energyOf = (c: Crystal) => (energy.kind === 'formation' ? c.formationEnergyPerAtom : c.energyPerAtom);
  const formulas = candidates(crystals, energyOf, wanted, known);
  if (formulas.length < wanted.sample)
    throw new LcomsError(
      'LCOMS_E_SPEC',
      `the data have ${formulas.length} formulas of at least ${wanted.minElements} elements whose lowest crystal has at most ${wanted.maxAtoms} atoms, not ${wanted.sample}`,
      { file, path: 'compounds.sample', hint: 'Ask for fewer, or raise compounds.maxAtoms.' },
    );
  const drawn = Rng.from(spec.seed).fork('compounds').shuffle(formulas).slice(0, wanted.sample).sort();
  return { ...spec, compounds: drawn };
}

/** Formulas to draw from, sorted: their order does not depend on that of the rows. */
function candidates(
  crystals: readonly Crystal[],
  energyOf: (crystal: Crystal) => number | undefined,
  { maxAtoms, minElements }: CompoundSample,
  known: readonly string[] | undefined,
): string[] {
  const lowest = new Map<string, { energy: number; atoms: number }>();
  for (const crystal of crystals) {
    const elements = new Set(crystal.species);
    const energy = energyOf(crystal);
    if (energy === undefined || elements.size < minElements) continue;
    if (known && ![...elements].every((e) => known.includes(e))) continue;
    const formula = formulaOf(crystal);
    if (energy < (lowest.get(formula)?.energy ?? Number.POSITIVE_INFINITY))
      lowest.set(formula, { energy, atoms: crystal.species.length });
  }
  return [...lowest].flatMap(([formula, { atoms }]) => (atoms <= maxAtoms ? [formula] : [])).sort();
}
