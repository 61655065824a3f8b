import { z } from 'zod';
import { digestSchema } from './artifact.js';
import { scorerIdentitySchema } from './score.js';

/** How far an answer can be trusted to be the lowest structure, and why. The rules: docs/predict.md. */
export const confidenceSchema = z.strictObject({
  level: z.enum(['high', 'medium', 'low']),
  notes: z.array(z.string()),
});
export type Confidence = z.infer<typeof confidenceSchema>;

/** A predicted structure. Energies in eV/atom, by the scorer that the record names. */
export const predictionSchema = z.strictObject({
  /** From 1, the likeliest first. */
  rank: z.number().int().positive(),
  /** Name of the CIF beside the record; null for those past the number of files wanted. */
  file: z.string().nullable(),
  /** In the primitive cell. */
  atoms: z.number().int().positive(),
  energyPerAtom: z.number(),
  /** Above the lowest structure found, whatever its rank. */
  energyAboveBest: z.number(),
  /** Hermann-Mauguin symbol without blanks, and number. */
  spaceGroup: z.string(),
  spaceGroupNumber: z.number().int(),
  /** A^3. */
  volumePerAtom: z.number(),
  /** Tries that ended in it. */
  tries: z.number().int(),
  /** How many of the hundred most similar known crystals have its structure type, and their share of the weight, 0 to 1. */
  precedents: z.number().int().optional(),
  precedentShare: z.number().optional(),
  /** How those tries came by it. */
  sources: z.array(z.string()),
  /** Which of them gave it first. */
  source: z.string().optional(),
  /** What that candidate was made from (`rutile`, `CaO`); empty when there is nothing to say. */
  madeFrom: z.string().optional(),
  /** Energy above the lowest structure found by the second opinion, at the same geometries; null without one. */
  secondEnergyAboveBest: z.number().nullable(),
  confidence: confidenceSchema,
});
export type Prediction = z.infer<typeof predictionSchema>;

/** What one source of candidates gave and cost. */
export const sourceAccountSchema = z.strictObject({
  source: z.string(),
  /** Candidates that it was asked for, those that came to nothing too. */
  proposed: z.number().int(),
  /** Of these, relaxed to a sane minimum. */
  relaxed: z.number().int(),
  /** Of these, given up because others were far lower. */
  stopped: z.number().int(),
  /** Distinct structures that they ended in. */
  distinct: z.number().int(),
  /** Of the lowest of these; null when there is none. */
  bestEnergyPerAtom: z.number().nullable(),
  /** Atoms times energy evaluations in relaxations. */
  atomEvaluations: z.number().int(),
});

/** What `lcoms predict` writes beside the CIFs of a compound. The same command gives the same bytes, unless `reproducible` is false. */
export const predictionRecordSchema = z.strictObject({
  apiVersion: z.literal(1),
  formula: z.string(),
  seed: z.number().int(),
  model: z.strictObject({ name: z.string(), digest: digestSchema }),
  scorer: scorerIdentitySchema,
  secondScorer: scorerIdentitySchema.nullable(),
  /** Identity of the tensor backend. */
  backend: z.string(),
  options: z.record(z.string(), z.union([z.number(), z.string(), z.boolean()])),
  /** Sizes of cells that were searched, and the tries that each was given. */
  cells: z.array(z.strictObject({ atoms: z.number().int(), tries: z.number().int() })),
  triesFinished: z.number().int(),
  /** False when the search was interrupted. */
  complete: z.boolean(),
  /** False when the search had a budget of time: what it finds depends on the machine. */
  reproducible: z.boolean().optional(),
  /** By source, those that were asked. */
  portfolio: z.array(sourceAccountSchema).optional(),
  /** The lowest structure known beforehand, by the same scorer. */
  known: z.strictObject({ name: z.string(), energyPerAtom: z.number() }).nullable(),
  /** Reason -> crystals left out. */
  rejected: z.record(z.string(), z.number().int()),
  candidates: z.array(predictionSchema),
});
export type SourceAccount = z.infer<typeof sourceAccountSchema>;
export type PredictionRecord = z.infer<typeof predictionRecordSchema>;
