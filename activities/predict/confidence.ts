import { REFERENCE_MARGIN } from '../../lib/scoring/guards.js';
import type { Confidence } from '../../schemas/prediction.js';
import type { Support } from './precedents.js';

/** What is known about an answer. Energies in eV/atom. */
export interface Evidence {
  /** Among the answers, from 1. */
  rank: number;
  /** Tries that ended in it, of all that ended. */
  agreeing: number;
  tries: number;
  /** How many of those that agree were templates: they were chosen to be alike, so all of them count as one. */
  templates: number;
  /** What known crystals of similar compounds say for it. */
  precedents: Support;
  /** Energy above the lowest structure found; 0 for that one itself. */
  above: number;
  /** To the next structure in energy; null when there is none. */
  gap: number | null;
  /** By how much the second opinion puts another structure lower; 0 when it ranks this one first; null without one. */
  secondLower: number | null;
  /** Energy above the lowest structure known beforehand, negative below it; null when none is known. */
  aboveKnown: number | null;
  /** What the model has not seen, in words. */
  unseen: readonly string[];
  /** Whether all tries were made. */
  complete: boolean;
}

/** Tries that must agree for a high and for a medium level. */
const AGREEING_HIGH = 3;
const AGREEING_MEDIUM = 2;
/** eV/atom: smaller differences are within what the scorer can tell apart. */
const RESOLUTION = 0.01;
/** eV/atom by which a second opinion may prefer another structure and the level still be medium. */
const DISSENT = 0.05;

const meV = (energy: number): string => `${(1000 * energy).toFixed(1)} meV/atom`;

/**
 * How far an answer can be trusted to be the lowest structure, by these rules alone:
 *
 * Templates that agree count as one try.
 *
 * - low: it is not the first; or another structure was found over 50 meV/atom lower; or fewer than 2 tries ended in it;
 *   or the model has not seen its elements or size; or a known structure lies over 10 meV/atom lower; or it lies over 50
 *   meV/atom below every known one; or the second opinion puts another structure over 50 meV/atom lower;
 * - high: no structure was found lower, at least 3 tries ended in it, the next one is at least 10 meV/atom higher (or
 *   there is none), the second opinion prefers no other by more than 10 meV/atom, all tries were made, and nothing above
 *   holds;
 * - medium: everything else.
 */
export function confidenceOf(evidence: Evidence): Confidence {
  const { rank, agreeing, tries, templates, precedents, above, gap, secondLower, aboveKnown, unseen, complete } =
    evidence;
  const notes: string[] = [];
  let low = false;
  let high = true;
  const note = (text: string, verdict: 'fine' | 'not high' | 'low' = 'fine'): void => {
    notes.push(text);
    if (verdict === 'low') low = true;
    if (verdict !== 'fine') high = false;
  };

  if (rank > 1)
    note(
      above > 0
        ? `${meV(above)} above the lowest structure found`
        : 'the lowest structure found, with fewer precedents than the first',
      'low',
    );
  else if (above > 0)
    note(
      `${meV(above)} above the lowest structure found, which has fewer precedents`,
      above > DISSENT ? 'low' : 'not high',
    );
  if (precedents.count > 0)
    note(
      `${precedents.count} of the most similar known crystals have its structure type, ${(100 * precedents.share).toFixed(0)} % by weight`,
    );
  const independent = templates > 1 ? agreeing - templates + 1 : agreeing;
  note(
    `${agreeing} of ${tries} tries ended in it${templates > 1 ? `, ${templates} of them templates, which count as one` : ''}`,
    independent < AGREEING_MEDIUM ? 'low' : independent < AGREEING_HIGH ? 'not high' : 'fine',
  );
  if (gap === null) note('no higher structure was found');
  else note(`the next higher structure is at +${meV(gap)}`, gap < RESOLUTION ? 'not high' : 'fine');
  if (secondLower === null) note('there is no second opinion', 'not high');
  else if (secondLower === 0) note('the second opinion ranks it first too');
  else {
    const verdict = secondLower > DISSENT ? 'low' : secondLower > RESOLUTION ? 'not high' : 'fine';
    note(`the second opinion puts another structure ${meV(secondLower)} lower`, verdict);
  }
  if (aboveKnown !== null) {
    if (aboveKnown > RESOLUTION) note(`a known structure is ${meV(aboveKnown)} lower: the search missed it`, 'low');
    else if (aboveKnown < -REFERENCE_MARGIN)
      note(`${meV(-aboveKnown)} below every known structure: perhaps a hole of the scorer`, 'low');
    else if (aboveKnown < -RESOLUTION) note(`${meV(-aboveKnown)} below every known structure`);
    else note('as low as the lowest known structure');
  }
  for (const what of unseen) note(`the model has not seen ${what}`, 'low');
  if (!complete) note('the search was interrupted', 'not high');
  return { level: low ? 'low' : high ? 'high' : 'medium', notes };
}
