import semver from 'semver';
import { z } from 'zod';
import { LcomsError } from '../../schemas/errors.js';
import { type PluginKind, type PluginManifest, pluginIdSchema } from '../../schemas/plugin.js';
import type { PluginContext } from './context.js';
import type { Dataset } from './dataset.js';
import type { Encoder } from './encoder.js';
import type { Optimizer } from './optimizer.js';
import type { Scorer } from './scorer.js';
import type { StructureSurrogate, Surrogate } from './surrogate.js';

/** What `create` returns, by kind. */
export interface PluginInstances {
  dataset: Dataset;
  encoder: Encoder;
  surrogate: Surrogate | StructureSurrogate;
  optimizer: Optimizer;
  scorer: Scorer;
}

/** What `create` returns unless the capabilities say otherwise: a surrogate is one over latents. */
type UsualInstances = Omit<PluginInstances, 'surrogate'> & { surrogate: Surrogate };

export interface Capabilities {
  /** Needs a tensor backend: the worker initialises one and says which in `context.device`. */
  tensors?: boolean;
  /** For tests and toy landscapes only: listings, plans, runs and reports say so. */
  testOnly?: boolean;
  /** Optimizers: the search spaces they work in. */
  spaces?: ('latent' | 'structure')[];
  /** Surrogates: what they predict from, the latents of an encoder (default) or crystals. */
  input?: 'latent' | 'structure';
  /** Optimizers: asks for gradients. */
  gradients?: boolean;
  /** Its work runs in a worker of another language, on a Temporal task queue: the context says where the server is. */
  remote?: boolean;
  /** Scorers: the elements that it knows, so that a spec with another one fails before anything runs. */
  elements?: string[];
}

type OptionsSchema = z.ZodObject;

export interface PluginDefinition<
  K extends PluginKind = PluginKind,
  S extends OptionsSchema = OptionsSchema,
  I = PluginInstances[K],
> {
  /** Version of this contract. */
  apiVersion: 1;
  kind: K;
  /** Lower-case letters, digits and hyphens. */
  name: string;
  /** Semver of the plugin. */
  version: string;
  /** Raise it when the same options and inputs give other results than before: cached results are then made anew. */
  cacheVersion: number;
  summary: string;
  /** Where the method comes from: papers, repositories. */
  cite: string[];
  /** A z.strictObject; every option has a default, so `{}` is valid, unless it has no sensible one (a file). */
  options: S;
  capabilities: Capabilities;
  /**
   * Options that name files: their contents become part of the node's identity and travel with it. Option name -> path;
   * the files of an option that holds a list are `name.0`, `name.1`, ...
   */
  files?(options: z.output<S>): Record<string, string>;
  /**
   * Optimizers: options with which a search makes so many evaluations per start. Left out, the option `budget` is that
   * number, and an optimizer without such an option decides itself.
   */
  evaluations?(count: number): Record<string, unknown>;
  /**
   * Trainings: numbers among the options that may be larger in a run that goes on from a checkpoint of another one (`lcoms
   * fork`): the bytes are as if they had been so large from the start. Default: none.
   */
  growing?(options: z.output<S>): string[];
  create(options: z.output<S>, context: PluginContext): I | Promise<I>;
}

/** Any plugin, as the registry holds it. */
export type Plugin<K extends PluginKind = PluginKind> = PluginDefinition<K>;

/**
 * Declares a plugin; checks what types can't.
 * @throws LcomsError LCOMS_E_PLUGIN_INVALID when the name, version or options schema is not of the contract's form.
 */
export function definePlugin<S extends OptionsSchema>(
  definition: PluginDefinition<'surrogate', S, StructureSurrogate> & { capabilities: { input: 'structure' } },
): PluginDefinition<'surrogate', S, StructureSurrogate>;
export function definePlugin<K extends PluginKind, S extends OptionsSchema>(
  definition: PluginDefinition<K, S, UsualInstances[K]>,
): PluginDefinition<K, S, UsualInstances[K]>;
/** Checks any plugin. */
export function definePlugin(definition: Plugin): Plugin;
export function definePlugin(definition: Plugin): Plugin {
  const id = `${definition.kind}/${definition.name}`;
  const fail = (what: string) => new LcomsError('LCOMS_E_PLUGIN_INVALID', `plugin ${id}: ${what}`);
  if (definition.apiVersion !== 1) throw fail(`apiVersion is ${String(definition.apiVersion)}; this lcoms speaks 1`);
  if (!pluginIdSchema.safeParse(id).success)
    throw fail('kind must be one of dataset, encoder, surrogate, optimizer, scorer and name lower-case with hyphens');
  if (semver.valid(definition.version) === null) throw fail(`version "${definition.version}" is not semver`);
  // Not instanceof: a plugin may bring its own copy of zod.
  if (typeof definition.options?.safeParse !== 'function') throw fail('options must be a z.strictObject');
  if (typeof definition.create !== 'function') throw fail('create must be a function');
  return definition;
}

/** The plugin without its code. */
export function manifestOf(plugin: Plugin, source: string): PluginManifest {
  const { kind, name, version, cacheVersion, summary, cite, capabilities } = plugin;
  return {
    apiVersion: 1,
    id: `${kind}/${name}`,
    kind,
    name,
    version,
    cacheVersion,
    summary,
    cite,
    capabilities: { ...capabilities },
    options: z.toJSONSchema(plugin.options, { io: 'input', unrepresentable: 'any' }) as Record<string, unknown>,
    source,
  };
}
