import { z } from 'zod';
import { elementSchema, mat3Schema, vec3Schema } from './crystal.js';
import { scorerIdentitySchema } from './score.js';

/** What a scoring worker in another language says of a calculator: result of its workflow `describe_calculator`. */
export const calculatorDescriptionSchema = z.strictObject({
  identity: scorerIdentitySchema,
  /** null: it does not say which elements it knows. */
  elements: z.array(elementSchema).min(1).nullable(),
});
export type CalculatorDescription = z.infer<typeof calculatorDescriptionSchema>;

/** A crystal as it travels: rows of the lattice in A, symbols, fractional coordinates. */
export const remoteCrystalSchema = z.strictObject({
  lattice: mat3Schema,
  species: z.array(elementSchema).min(1),
  frac: z.array(vec3Schema).min(1),
});
export type RemoteCrystal = z.infer<typeof remoteCrystalSchema>;

/** Argument of the workflow `evaluate_crystals`. A worker whose calculator has another identity refuses it. */
export const evaluateRequestSchema = z.strictObject({
  calculator: z.string(),
  identity: scorerIdentitySchema,
  crystals: z.array(remoteCrystalSchema).min(1),
});
export type EvaluateRequest = z.infer<typeof evaluateRequestSchema>;

/** Errors that a structure may have. */
export const structureErrorSchema = z.enum(['LCOMS_E_ELEMENT_UNKNOWN', 'LCOMS_E_CALCULATOR', 'LCOMS_E_COMPUTE_DIED']);

/** One of the results of `evaluate_crystals`, in the units and signs of an Evaluation: eV, eV/A, GPa. */
export const structureResultSchema = z.union([
  z.strictObject({ energy: z.number(), forces: z.array(z.number()), stress: z.array(z.number()).length(9) }),
  z.strictObject({ error: z.strictObject({ code: structureErrorSchema, message: z.string() }) }),
]);
export type StructureResult = z.infer<typeof structureResultSchema>;
