import type { Evaluation } from '../../lib/scoring/evaluation.js';
import type { Crystal } from '../../schemas/crystal.js';
import type { LcomsError } from '../../schemas/errors.js';
import type { ScorerIdentity } from '../../schemas/score.js';

/** A simulator: energy, forces and stress of crystals. */
export interface Scorer {
  readonly identity: ScorerIdentity;
  readonly elements: ReadonlySet<string>;
  /**
   * Lowest energy per atom (eV/atom) of each element by this same scorer, for formation energies; null when the scorer
   * has none.
   */
  readonly elementReferences: Readonly<Record<string, number>> | null;
  /** One evaluation or typed error per crystal, in order. */
  evaluate(crystals: Crystal[]): Promise<(Evaluation | LcomsError)[]>;
  /** An independent model that judges winners again, if the plugin has one. */
  secondOpinion(): Promise<Scorer | null>;
  dispose(): Promise<void>;
}
