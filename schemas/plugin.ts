import { z } from 'zod';

export const pluginKindSchema = z.enum(['dataset', 'encoder', 'surrogate', 'optimizer', 'scorer']);
export type PluginKind = z.infer<typeof pluginKindSchema>;

/** `kind/name`, e.g. `optimizer/latent-gradient`. */
export const pluginIdSchema = z
  .string()
  .regex(
    /^(dataset|encoder|surrogate|optimizer|scorer)\/[a-z0-9][a-z0-9-]*$/,
    'a plugin id is kind/name, e.g. optimizer/pso',
  );

/** How a spec names a plugin: `kind/name`, optionally with a semver range, e.g. `optimizer/pso@^1`. */
export const pluginUseSchema = z
  .string()
  .regex(
    /^(dataset|encoder|surrogate|optimizer|scorer)\/[a-z0-9][a-z0-9-]*(@[0-9A-Za-z.^~<>=| *-]+)?$/,
    'write kind/name or kind/name@range, e.g. optimizer/latent-gradient@^1',
  );

/** What a plugin is, without its code: stored in every run record and printed by `lcoms plugins show`. */
export const pluginManifestSchema = z.strictObject({
  apiVersion: z.literal(1),
  id: pluginIdSchema,
  kind: pluginKindSchema,
  name: z.string(),
  version: z.string(),
  cacheVersion: z.number().int().nonnegative(),
  summary: z.string(),
  cite: z.array(z.string()),
  capabilities: z.record(z.string(), z.union([z.boolean(), z.string(), z.array(z.string())])),
  /** JSON Schema of the options. */
  options: z.record(z.string(), z.unknown()),
  /** `built-in`, or where the configuration loaded it from. */
  source: z.string(),
});
export type PluginManifest = z.infer<typeof pluginManifestSchema>;
