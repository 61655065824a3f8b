import type { Composition, Crystal } from '../../../schemas/crystal.js';
import { CellSizes } from './cell-sizes.js';
import { Decorations, decorationSource, walkFromDecorationSource } from './decorated.js';
import { DistinctCrystals } from './distinct-crystals.js';
import { type LatentOptions, latentSampleSource, latentWalkSource, walkFromRandomSource } from './latent.js';
import { randomSource, symmetricSource } from './random.js';
import type { CandidateSource } from './source.js';
import { prototypeSource, type Template, templateSource } from './templates.js';

export interface SourcesOptions extends LatentOptions {
  /** Crystals to put the elements of the compound into. */
  templates: readonly Template[];
  /** Atoms wanted in the cell; undefined: any. */
  atoms: number | undefined;
  /** Grows while the search goes on: what random starts have relaxed to. */
  minima: readonly Crystal[];
}

/**
 * All sources of candidates for a composition. Each deals the cell sizes for itself.
 * @param unit reduced composition
 * @param units formula units in a cell, ascending
 */
export function sourcesOf(unit: Composition, units: readonly number[], options: SourcesOptions): CandidateSource[] {
  const { templates, atoms, minima, scorer } = options;
  const sizes = (): CellSizes => new CellSizes(unit, units);
  const shared = {
    atoms,
    seen: new DistinctCrystals(),
    evaluate: (crystals: Crystal[]) => scorer.evaluate(crystals),
  };
  const decorations = new Decorations(unit, units, templates);
  return [
    templateSource(unit, templates, shared),
    prototypeSource(unit, shared),
    decorationSource(decorations, shared),
    walkFromDecorationSource(decorations, options),
    latentWalkSource(sizes(), options),
    latentSampleSource(sizes(), options),
    randomSource(sizes()),
    symmetricSource(sizes()),
    walkFromRandomSource(minima, options),
  ];
}
