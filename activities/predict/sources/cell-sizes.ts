import { speciesOf } from '../../../lib/crystal/composition.js';
import type { Composition } from '../../../schemas/crystal.js';

/** Deals cell sizes in rounds, small ones first: the first, the first two, the first three, and so on. */
export class CellSizes {
  private round = 1;
  private at = 0;

  /**
   * @param unit reduced composition
   * @param units formula units in a cell, ascending
   */
  constructor(
    private readonly unit: Composition,
    private readonly units: readonly number[],
  ) {}

  /** The atoms of the next cell, element by element. */
  next(): string[] {
    if (this.at >= Math.min(this.round, this.units.length)) {
      this.round++;
      this.at = 0;
    }
    return speciesOf(this.unit, this.units[this.at++] as number);
  }

  /** Those of the next `count`. */
  take(count: number): string[][] {
    return Array.from({ length: count }, () => this.next());
  }
}
