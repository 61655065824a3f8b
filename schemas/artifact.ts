import { z } from 'zod';

/** Lower-case hexadecimal sha256. */
export const digestSchema = z.string().regex(/^[0-9a-f]{64}$/, 'a sha256 digest is 64 lower-case hexadecimal digits');

/** What an artifact holds; plan time checks that producers and consumers agree. */
export const artifactKindSchema = z.enum([
  'dataset',
  'encoder',
  'latents',
  'surrogate',
  'crystals',
  'optimized-latents',
  'scores',
  'truth',
  'report',
  'figures',
]);
export type ArtifactKind = z.infer<typeof artifactKindSchema>;

/** A blob in the content-addressed store, by digest. References travel through workflows; bytes never do. */
export const blobRefSchema = z.strictObject({
  digest: digestSchema,
  bytes: z.number().int().nonnegative(),
  /** File name inside the artifact, e.g. `weights.safetensors`. */
  name: z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$/),
});
export type BlobRef = z.infer<typeof blobRefSchema>;

/** The result of a node: its manifest's digest and the blobs that it names. */
export const artifactRefSchema = z.strictObject({
  kind: artifactKindSchema,
  digest: digestSchema,
  blobs: z.array(blobRefSchema),
});
export type ArtifactRef = z.infer<typeof artifactRefSchema>;

/**
 * What is committed for a node, once (If-None-Match: *): the artifact and everything needed to explain its key.
 * `digest` of the artifact is the sha256 of the canonical JSON of [kind, blobs], so equal results have equal digests.
 */
export const nodeManifestSchema = z.strictObject({
  version: z.literal(1),
  key: digestSchema,
  /** The object whose canonical JSON hashes to `key`. */
  identity: z.record(z.string(), z.unknown()),
  artifact: artifactRefSchema,
  /** Numbers that a reader may want without opening blobs (losses, counts). */
  metrics: z.record(z.string(), z.union([z.number(), z.string(), z.boolean(), z.null()])),
  /** How it was made; not part of the identity. */
  provenance: z.strictObject({
    createdAt: z.string(),
    seconds: z.number(),
    cpuSeconds: z.number(),
    backend: z.string().nullable(),
    lcoms: z.string(),
    node: z.string(),
    /** Run that made it, and where; not known of results of earlier versions. */
    run: z.string().optional(),
    machine: z.string().optional(),
    /** Checkpoints of the attempt that made it: their number, bytes and seconds, and the step that it went on from. */
    checkpoints: z
      .strictObject({
        count: z.number().int(),
        bytes: z.number().int(),
        seconds: z.number(),
        resumedAt: z.number().int().nullable(),
      })
      .optional(),
  }),
});
export type NodeManifest = z.infer<typeof nodeManifestSchema>;
