import { canonicalCell } from '../../../lib/crystal/canonical-cell.js';
import { speciesOf } from '../../../lib/crystal/composition.js';
import { nearestDecorations } from '../../../lib/crystal/decorations.js';
import { breathed } from '../../../lib/relax/breathing.js';
import { solidGuard } from '../../../lib/scoring/guards.js';
import { lowestApart } from '../../../lib/search/lowest-apart.js';
import type { Composition, Crystal } from '../../../schemas/crystal.js';
import { decodeLowest } from '../decode-lowest.js';
import { walkDownhill } from '../walk.js';
import type { LatentOptions } from './latent.js';
import type { CandidateSource } from './source.js';
import type { Template } from './templates.js';

/** Structures of each cell size that are searched from. */
const POOL = 64;
/** Those of all sizes that are tried at most. */
const KEPT = 100;
/** A: how far the decoder moves atoms from where they are. */
const NOISE = 0.3;

interface Walked {
  start: Crystal;
  from: string;
  /** Raw, where its walk ended. */
  latent: Float32Array;
}

/**
 * Structure types of any stoichiometry with the elements on their sites in every way, encoded, walked downhill on the surrogate:
 * those of lowest predicted energy first, decoded from where their atoms are. Without a surrogate those of the most similar
 * elements come first. A start that lies lower as it is than decoded is proposed as it is.
 * @param units formula units in a cell, ascending
 */
export function walkFromDecorationSource(
  unit: Composition,
  units: readonly number[],
  templates: readonly Template[],
  options: LatentOptions,
): CandidateSource {
  const { model, scorer, draws } = options;
  let left: Walked[] | null = null;
  return {
    name: 'walk from decoration',
    propose: async (count) => {
      left ??= await walkedAll(startsOf(unit, units, templates), options);
      const chosen = left.splice(0, count);
      if (chosen.length === 0) return [];
      const latents = Float32Array.from(chosen.flatMap(({ latent }) => Array.from(latent)));
      const starts = chosen.map(({ start }) => start);
      const beside = await breathed((crystals) => scorer.evaluate(crystals), starts);
      const lowest = await decodeLowest(model.encoder, scorer, latents, { draws, from: starts, noise: NOISE, beside });
      return lowest.map((one, i) => (typeof one === 'string' ? one : { ...one, note: (chosen[i] as Walked).from }));
    },
  };
}

function startsOf(
  unit: Composition,
  units: readonly number[],
  templates: readonly Template[],
): { start: Crystal; from: string }[] {
  const known = templates.map(({ crystal }) => crystal);
  return units.flatMap((count) =>
    nearestDecorations(speciesOf(unit, count), known, POOL)
      .map(({ crystal, from }) => ({ start: canonicalCell(crystal), from }))
      .filter(({ start }) => solidGuard(start).ok),
  );
}

/** Walked downhill, the lowest first, no two alike. */
async function walkedAll(
  starts: readonly { start: Crystal; from: string }[],
  { model, optimizer, signal }: LatentOptions,
): Promise<Walked[]> {
  const { encoder, surrogate, reference } = model;
  if (starts.length === 0) return [];
  const d = encoder.dimension;
  const latents = await encoder.encode(starts.map(({ start }) => start));
  const walked = (i: number, from: Float32Array): Walked => ({
    ...(starts[i] as { start: Crystal; from: string }),
    latent: from.slice(i * d, (i + 1) * d),
  });
  if (surrogate === null) return starts.slice(0, KEPT).map((_, i) => walked(i, latents));
  const { points, values, raw } = await walkDownhill(optimizer, surrogate, reference, latents, signal);
  return lowestApart(points, values, KEPT).map((i) => walked(i, raw));
}
