import type { ArgsDef } from 'citty';
import { LcomsError } from '../schemas/errors.js';
import type { ModelInfo } from '../schemas/model.js';

/** The option of every verb that gives a model crystals. */
export const UNSEEN_OPTION = {
  unseen: { type: 'boolean', description: 'go on with elements and numbers of atoms that the model has not seen' },
} as const satisfies ArgsDef;

/** Holds crystals against what a model was trained on. */
export class SeenCheck {
  readonly #warned = new Set<string>();

  /**
   * @param allowed with --unseen: what is new is warned of, once each, instead of refused
   * @param warn takes a line for the reader
   */
  constructor(
    private readonly trained: ModelInfo['trained'],
    private readonly allowed: boolean,
    private readonly warn: (line: string) => void,
  ) {
    if (trained === null) warn('warning: the model does not say what it was trained on: nothing is checked against it');
  }

  /**
   * Atoms of one primitive cell.
   * @throws LcomsError LCOMS_E_UNSEEN naming what is new and what the model has seen, unless allowed
   */
  check(species: readonly string[]): void {
    if (this.trained === null) return;
    const { elements, atoms } = this.trained;
    const strange = [...new Set(species)].filter((element) => !elements.includes(element)).sort();
    if (strange.length > 0) this.#tell(strange.join(', '), `elements ${elements.join(' ')}`);
    if (!atoms.includes(species.length))
      this.#tell(`cells of ${species.length} atoms`, `primitive cells of ${atoms.join(', ')} atoms`);
  }

  #tell(what: string, seen: string): void {
    if (!this.allowed) throw new LcomsError('LCOMS_E_UNSEEN', `the model has not seen ${what}; it has seen ${seen}`);
    if (this.#warned.has(what)) return;
    this.#warned.add(what);
    this.warn(`warning: the model has not seen ${what}; trust nothing here`);
  }
}
