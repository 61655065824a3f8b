import { readFileSync } from 'node:fs';
import { packagedFile } from '../../../lib/package-root.js';
import type { ElementReferences } from '../../../lib/scoring/formation.js';
import { type ScorerIdentity, sameScorer } from '../../../schemas/score.js';

/** The element references that ship with the package; null for a scorer that they were not made with. */
export function elementReferences(identity: ScorerIdentity): ElementReferences['energies'] | null {
  const file = packagedFile('plugins/scorers/chgnet/model/element-references.json');
  const references = JSON.parse(readFileSync(file, 'utf8')) as ElementReferences;
  return sameScorer(references.scorer, identity) ? references.energies : null;
}
