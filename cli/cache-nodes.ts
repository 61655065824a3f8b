import { allManifests } from '../lib/artifacts/manifests.js';
import type { NodeManifest } from '../schemas/artifact.js';
import { LcomsError } from '../schemas/errors.js';
import { groupOf } from './progress.js';
import { loadRun } from './run-facts.js';
import { knownRun, LAST } from './run-id.js';
import { nearest } from './usage.js';
import type { Workplace } from './workplace.js';

/** Option of verbs that name a node of a run. */
export const RUN_OPTION = {
  run: { type: 'string', valueHint: 'RUN', description: 'the run that the node is of (default last)' },
} as const;

/** A committed result, and what it is called in the run by which it was found. */
export interface CommittedNode {
  id: string;
  manifest: NodeManifest;
}

/**
 * Committed results that `given` names: a node of a run, all of a fan-out (`start`), or the beginning of a key.
 * @throws LcomsError LCOMS_E_NOT_FOUND
 */
export async function committedNodes(
  workplace: Workplace,
  given: string,
  inRun: string | undefined,
): Promise<CommittedNode[]> {
  if (/^[0-9a-f]{8,64}$/.test(given)) {
    const found = (await allManifests(workplace.store.store)).filter(({ key }) => key.startsWith(given));
    if (found.length > 0) return found.map((manifest) => ({ id: String(manifest.identity['step']), manifest }));
  }
  const runId = await knownRun(workplace, inRun ?? LAST);
  const { nodes, manifests } = await loadRun(workplace, runId);
  const ids = nodes.map(({ id }) => id);
  const meant = ids.includes(given) ? [given] : ids.filter((id) => groupOf(id) === given);
  if (meant.length === 0) throw noSuchNode(runId, given, ids);
  const found = meant.flatMap((id) => {
    const manifest = manifests.get(id);
    return manifest ? [{ id, manifest }] : [];
  });
  if (found.length > 0) return found;
  throw new LcomsError('LCOMS_E_NOT_FOUND', `${given} of ${runId} has no committed result`, {
    hint: `\`lcoms show ${runId}\` says how its nodes stand.`,
  });
}

export function noSuchNode(where: string, given: string, ids: readonly string[]): LcomsError {
  const groups = [...new Set(ids.map(groupOf))];
  const meant = nearest(given, [...ids, ...groups]);
  return new LcomsError(
    'LCOMS_E_NOT_FOUND',
    `${where} has no node "${given}".${meant === null ? '' : ` Did you mean ${meant}?`} Its nodes: ${groups.join(', ')}`,
    { hint: 'A node is named as `lcoms show` and `lcoms plan` name it, e.g. encoder or start/MgO.' },
  );
}

export function bytesOf({ artifact }: NodeManifest): number {
  return artifact.blobs.reduce((sum, { bytes }) => sum + bytes, 0);
}
