import { type Relaxation, type RelaxOptions, relaxMany } from '../../lib/relax/relax.js';
import { elementalEnergyPerAtom } from '../../lib/scoring/formation.js';
import type { Scorer } from '../../plugins/contract/scorer.js';
import type { Crystal } from '../../schemas/crystal.js';
import { LcomsError } from '../../schemas/errors.js';
import type { LockedPlugin } from '../../schemas/node.js';
import type { StepContext } from './context.js';

/** The node's scorer, or that of a helper; the model file is loaded once a process. */
export async function openScorer(
  context: StepContext,
  plugin: LockedPlugin | null | undefined = context.node.plugin,
): Promise<Scorer> {
  return await context.loaded(`scorer:${plugin?.id ?? ''}:${JSON.stringify(plugin?.options)}`, () =>
    context.create('scorer', plugin ?? null),
  );
}

/** Relaxes crystals with the step's options, with progress and room for cancellation. */
export async function relaxAll(
  context: StepContext,
  scorer: Scorer,
  crystals: Crystal[],
  label = 'relaxations',
): Promise<(Relaxation | LcomsError)[]> {
  const { fmax, maxSteps, method } = context.node.options as Pick<RelaxOptions, 'method'> & {
    fmax: number;
    maxSteps: number;
  };
  let done = 0;
  let steps = 0;
  const results = await relaxMany((batch) => scorer.evaluate(batch), crystals, {
    fmax,
    maxSteps,
    ...(method && { method }),
    signal: context.signal,
    onStep: ({ step }) => {
      if (step === 0) done++;
      if (++steps % 5 === 0) context.tick({ done: Math.max(0, done - 1), total: crystals.length, unit: label });
    },
  });
  return results;
}

/** eV/atom relative to the elements by the same scorer; null when one of them has no reference. */
export function formationEnergy(
  references: Readonly<Record<string, number>>,
  crystal: Crystal,
  energyPerAtom: number,
): number | null {
  if (crystal.species.some((element) => references[element] === undefined)) return null;
  return energyPerAtom - elementalEnergyPerAtom(crystal.species, references);
}

/** Throws what no other crystal could mend: an element that the scorer does not know. */
export function refuseUnknownElements(scorer: Scorer, formula: string, species: readonly string[]): void {
  const unknown = [...new Set(species)].filter((e) => !scorer.elements.has(e));
  if (unknown.length === 0) return;
  throw new LcomsError(
    'LCOMS_E_ELEMENT_UNKNOWN',
    `${scorer.identity.name} does not know ${unknown.join(', ')} (in ${formula}); it knows ${[...scorer.elements].join(' ')}`,
  );
}
