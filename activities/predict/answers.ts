import { type ScoredCrystal, sameStructure } from '../../lib/crystal/same-structure.js';
import type { Polished } from './polish.js';
import type { SourceName } from './sources/source.js';

/** How a structure was come by. */
export type Source = SourceName;

/** A relaxed crystal that a try, or several that gave the same one, ended in. */
export interface Found extends ScoredCrystal {
  tries: readonly number[];
  source: Source;
  /** What it was made from, in a few words; empty when there is nothing to say. */
  note?: string;
}

/** The candidate that gave a structure first. */
export interface Origin {
  source: Source;
  note: string;
}

/** A distinct structure. */
export interface Answer extends Polished {
  /** Tries that ended in it. */
  tries: Set<number>;
  sources: Set<Source>;
  origin: Origin;
  /** How many of the tries were templates, of both kinds: these are no independent evidence. */
  templates: number;
}

/** eV/atom by which two relaxations of one structure may differ. */
export const SAME_ENERGY = 0.01;
/** eV/atom: what lies this much lower is another minimum beside it, not the noise of two relaxations. */
const LOWER = 0.001;

/** The distinct structures found so far: one primitive structure from different cells is one answer. */
export class Answers {
  private readonly answers: Answer[] = [];

  /** @param polish called for structures that are new */
  constructor(private readonly polish: (found: ScoredCrystal) => Promise<Polished>) {}

  /** Adds what was found; true when it is a new structure, or a lower form of a known one. */
  async add(found: Found): Promise<boolean> {
    const known = this.like(found);
    // Joined without the cost of polishing, unless it may be a distortion that lowers the energy.
    if (known && found.energyPerAtom > known.energyPerAtom - LOWER) return credit(known, found);
    const polished = await this.polish(found);
    const origin = { source: found.source, note: found.note ?? '' };
    const same = this.like(polished);
    if (same) {
      credit(same, found);
      if (polished.energyPerAtom > same.energyPerAtom - LOWER) return false;
      Object.assign(same, polished, { origin });
      return true;
    }
    const answer: Answer = { ...polished, tries: new Set(), sources: new Set(), origin, templates: 0 };
    credit(answer, found);
    this.answers.push(answer);
    return true;
  }

  /** Credits the answer that try `first` ended in with another try that began as it did; false when it ended in none. */
  join(first: number, other: { id: number; source: Source }): boolean {
    const answer = this.answers.find(({ tries }) => tries.has(first));
    if (answer) credit(answer, { tries: [other.id], source: other.source });
    return answer !== undefined;
  }

  private like(structure: ScoredCrystal): Answer | undefined {
    return this.answers.find((answer) => sameStructure(answer, structure, SAME_ENERGY));
  }

  /** Lowest energy first; equal ones in the order found. */
  ranked(): Answer[] {
    return [...this.answers].sort((a, b) => a.energyPerAtom - b.energyPerAtom);
  }
}

function credit(answer: Answer, { tries, source }: Pick<Found, 'tries' | 'source'>): false {
  for (const id of tries) answer.tries.add(id);
  if (source === 'template' || source === 'prototype') answer.templates += tries.length;
  answer.sources.add(source);
  return false;
}
