import type { PluginLog } from '../../contract/context.js';

/** What a model has been trained on: decoding anything else is a guess. */
export interface Seen {
  /** Symbols, sorted. */
  elements: string[];
  /** Numbers of atoms in a cell, rising. */
  atoms: number[];
}

export function seenIn(species: readonly (readonly string[])[]): Seen {
  return {
    elements: [...new Set(species.flat())].sort(),
    atoms: [...new Set(species.map((s) => s.length))].sort((a, b) => a - b),
  };
}

/** Warns of elements and numbers of atoms that the training data did not have, once for each. */
export class UnseenWarnings {
  private readonly warned = new Set<string>();

  constructor(
    private readonly seen: Seen,
    private readonly log: PluginLog,
  ) {}

  look(species: readonly (readonly string[])[]): void {
    const { elements, atoms } = this.seen;
    const strange = this.fresh(species.flat().filter((symbol) => !elements.includes(symbol)));
    if (strange.length > 0)
      this.log.warn(
        `encoder/cdvae decodes elements that it has not seen in training: ${strange.join(', ')}; trust nothing here`,
      );
    const sizes = this.fresh(species.map((s) => s.length).flatMap((n) => (atoms.includes(n) ? [] : [`${n} atoms`])));
    if (sizes.length > 0)
      this.log.warn(`encoder/cdvae decodes cells of a size that it has not seen in training: ${sizes.join(', ')}`);
  }

  private fresh(items: Iterable<string>): string[] {
    const fresh = [...new Set(items)].filter((item) => !this.warned.has(item));
    for (const item of fresh) this.warned.add(item);
    return fresh.sort();
  }
}
