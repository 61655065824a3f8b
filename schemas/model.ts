import { z } from 'zod';
import { blobRefSchema, digestSchema } from './artifact.js';
import { elementSchema } from './crystal.js';
import { pluginUseSchema } from './plugin.js';
import { scorerIdentitySchema } from './score.js';

/** What a file of a model is for. `reference`: raw training latents, for the optimizer's region and random starts. */
export const modelFileRoleSchema = z.enum(['encoder', 'surrogate', 'reference']);
export type ModelFileRole = z.infer<typeof modelFileRoleSchema>;

/** A file beside model.json; it keeps the name that its plugin gave it. */
export const modelFileSchema = z.strictObject({
  name: blobRefSchema.shape.name,
  role: modelFileRoleSchema,
  bytes: z.number().int().nonnegative(),
  sha256: digestSchema,
});
export type ModelFile = z.infer<typeof modelFileSchema>;

const trainedPluginSchema = z.strictObject({
  use: pluginUseSchema.describe('plugin with its exact version, e.g. encoder/cdvae@1.1.0'),
  with: z.record(z.string(), z.unknown()).describe('its options, defaults filled in'),
});

/**
 * model.json: a trained encoder, with the surrogate over its latents if there is one, as a folder of files. What a lone
 * file of weights does not say is null; an exported model says all of it.
 */
export const modelInfoSchema = z
  .strictObject({
    apiVersion: z.literal(1).describe('version of this format'),
    name: z.string().min(1).max(100),
    encoder: trainedPluginSchema,
    surrogate: trainedPluginSchema.nullable(),
    energyTarget: z
      .enum(['formation', 'above-composition'])
      .nullable()
      .describe('what the surrogate predicts, eV/atom: formation energy, or energy above the lowest of a composition'),
    data: z.strictObject({
      provenance: z.string().describe('where the training crystals come from, with citation and licence'),
      scorer: scorerIdentitySchema.nullable().describe('who gave their energies; null for DFT or unknown'),
      crystals: z.number().int().nonnegative().nullable().describe('crystals of the training split'),
    }),
    trained: z
      .strictObject({
        elements: z.array(elementSchema).describe('sorted symbols'),
        atoms: z.array(z.number().int().positive()).describe('sorted numbers of atoms in the primitive cell'),
      })
      .nullable()
      .describe('what the training split holds: anything else is a guess'),
    seed: z.number().int().nonnegative().nullable().describe('root seed of the run that trained it'),
    backend: z.string().nullable().describe('identity of the tensor backend that trained the encoder'),
    lcoms: z.string().nullable().describe('version of lcoms that trained it'),
    files: z.array(modelFileSchema).min(1),
  })
  .refine(({ files }) => new Set(files.map(({ name }) => name)).size === files.length, {
    path: ['files'],
    error: 'two files share a name',
  });
export type ModelInfo = z.infer<typeof modelInfoSchema>;
