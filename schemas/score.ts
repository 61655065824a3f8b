import { z } from 'zod';
import { digestSchema } from './artifact.js';

/** Who gave an energy. Energies whose identities differ are never compared. */
export const scorerIdentitySchema = z.strictObject({
  name: z.string(),
  version: z.string(),
  /** sha256 of the weights; null for a scorer that has none. */
  weights: digestSchema.nullable(),
});
export type ScorerIdentity = z.infer<typeof scorerIdentitySchema>;

/** One crystal's score. Energies eV/atom, force eV/A (largest norm over atoms), pressure-like stress GPa. */
export const scoreSchema = z.strictObject({
  scorer: scorerIdentitySchema,
  energyPerAtom: z.number(),
  formationEnergyPerAtom: z.number().nullable(),
  maxForce: z.number(),
  maxStress: z.number(),
});
export type Score = z.infer<typeof scoreSchema>;

/** Same scorer, version and weights. */
export function sameScorer(a: ScorerIdentity, b: ScorerIdentity): boolean {
  return a.name === b.name && a.version === b.version && a.weights === b.weights;
}
