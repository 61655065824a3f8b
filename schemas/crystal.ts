import { z } from 'zod';
import { atomicNumber } from './elements.js';

/** A 3-vector: Cartesian (A) or fractional, as the field that holds it says. */
export const vec3Schema = z.tuple([z.number(), z.number(), z.number()]);
export type Vec3 = [number, number, number];
/** Three row vectors. For a lattice: the base vectors in A. */
export const mat3Schema = z.tuple([vec3Schema, vec3Schema, vec3Schema]);
export type Mat3 = [Vec3, Vec3, Vec3];

export const elementSchema = z.string().refine((s) => atomicNumber(s) !== undefined, {
  error: (issue) => `"${String(issue.input)}" is not an element symbol`,
});

/**
 * A periodic crystal: n atoms in a cell.
 *
 * - `lattice`: 3x3, rows are base vectors, A.
 * - `species`: n element symbols.
 * - `frac`: n x 3 fractional coordinates; any real number, wrapped where a consumer needs it.
 * - `formationEnergyPerAtom`: eV/atom relative to the elements; `energyPerAtom`: total energy, eV/atom, as one scorer gives it.
 */
export const crystalSchema = z
  .object({
    id: z.string().optional(),
    lattice: mat3Schema,
    species: z.array(elementSchema).min(1),
    frac: z.array(vec3Schema).min(1),
    formationEnergyPerAtom: z.number().optional(),
    energyPerAtom: z.number().optional(),
  })
  .refine((c) => c.species.length === c.frac.length, { error: 'species and frac must have the same length' });
export interface Crystal {
  id?: string;
  lattice: Mat3;
  species: string[];
  frac: Vec3[];
  formationEnergyPerAtom?: number;
  energyPerAtom?: number;
}

/** Element symbol -> whole number of atoms, e.g. `{Mg: 1, O: 1}`. */
export const compositionSchema = z.record(elementSchema, z.number().int().positive());
export type Composition = Record<string, number>;
