import type { Crystal } from '../../schemas/crystal.js';
import { LcomsError } from '../../schemas/errors.js';
import type { Template } from '../crystal/templates.js';
import type { Rng } from '../random/rng.js';
import { rattled } from './rattle.js';

/** A: by how much templates are shaken when they come round again. */
const RATTLE = 0.2;

/**
 * Draws starts from the known crystals that are most like a compound, one after another; when all of a size were drawn, from
 * the first again, shaken.
 */
export class TemplateStarts {
  private readonly drawn = new Map<number, number>();
  private readonly templates = new Map<number, Crystal[]>();

  /**
   * @param known crystals in primitive cells
   * @param most templates of one size that are used
   * @param nearest finds them: lib/crystal/templates.ts, decorations.ts
   */
  constructor(
    private readonly known: readonly Crystal[],
    private readonly most: number,
    private readonly nearest: (species: readonly string[], known: readonly Crystal[], count: number) => Template[],
  ) {}

  /** @throws LcomsError LCOMS_E_INPUT when no known crystal has as many atoms */
  draw(species: readonly string[], rng: Rng): Crystal {
    const n = species.length;
    const templates = this.templates.get(n) ?? this.nearest(species, this.known, this.most).map((t) => t.crystal);
    this.templates.set(n, templates);
    if (templates.length === 0) {
      throw new LcomsError(
        'LCOMS_E_INPUT',
        `no training crystal has ${n} atoms, so none is a template for ${species.join(' ')}`,
        {
          path: 'steps.start-structures.kind',
          hint: 'Give another number of atoms, more data, or kind: symmetric.',
        },
      );
    }
    const k = this.drawn.get(n) ?? 0;
    this.drawn.set(n, k + 1);
    const template = templates[k % templates.length] as Crystal;
    return k < templates.length ? template : rattled(template, RATTLE, rng);
  }
}
