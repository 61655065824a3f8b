import { z } from 'zod';
import { blobRefSchema, digestSchema } from './artifact.js';

/** State of the git repository that the working folder belongs to. */
export const gitStateSchema = z.strictObject({
  /** null before the first commit. */
  commit: z.string().nullable(),
  /** Whether tracked files differ from the commit. */
  dirty: z.boolean(),
  /** sha256 of what differs, as it is stored: without files that hold secrets, with values that look like some blotted out. */
  diffDigest: digestSchema.nullable(),
  /** The same as a blob of the store; null when there is nothing, or when it is too large to keep. */
  diff: blobRefSchema.nullable(),
});
export type GitState = z.infer<typeof gitStateSchema>;

/** Where and with what a run was started. Where its nodes ran, which may be elsewhere, is in their manifests. */
export const runEnvironmentSchema = z.strictObject({
  lcoms: z.string(),
  /** Version of Node. */
  node: z.string(),
  machine: z.strictObject({
    cpu: z.string(),
    cores: z.number().int(),
    /** GiB. */
    memory: z.number(),
    platform: z.string(),
    os: z.string(),
  }),
  /** LCOMS_BACKEND, when it was set. */
  backendWanted: z.string().nullable(),
  /** The lock file that fixes the installed packages: name and sha256; null when there is none. */
  lockFile: z.strictObject({ name: z.string(), digest: digestSchema }).nullable(),
  /** null outside of a repository, or without git. */
  git: gitStateSchema.nullable(),
});
export type RunEnvironment = z.infer<typeof runEnvironmentSchema>;
