import { existsSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { createJiti } from 'jiti';
import { LcomsError } from '../schemas/errors.js';
import { BUILT_IN } from './built-in.js';
import { definePlugin, type Plugin } from './contract/define-plugin.js';
import { PluginRegistry } from './registry.js';

/** What `lcoms.config.ts` exports by default. */
export interface LcomsConfig {
  /** Plugins beside the built-in ones: objects, npm package names, or files relative to the config. */
  plugins?: (Plugin | string)[];
}

/** Types the default export of `lcoms.config.ts`. */
export function defineConfig(config: LcomsConfig): LcomsConfig {
  return config;
}

const CONFIG_NAMES = ['lcoms.config.ts', 'lcoms.config.mts', 'lcoms.config.js', 'lcoms.config.mjs'];

/** The config file in a folder, or null. */
export function findConfig(folder: string): string | null {
  return CONFIG_NAMES.map((name) => path.join(folder, name)).find((file) => existsSync(file)) ?? null;
}

/**
 * The built-in plugins and those of the configuration in `folder`. Only a configuration, which is code of the person who
 * runs the worker, can load code; a spec never can.
 * @throws LcomsError LCOMS_E_CONFIG naming the file and what is wrong.
 */
export async function loadRegistry(folder: string): Promise<PluginRegistry> {
  const registry = new PluginRegistry();
  for (const plugin of BUILT_IN) registry.add(plugin, 'built-in');
  const file = findConfig(folder);
  if (file === null) return registry;
  const config = await importDefault<LcomsConfig>(file, file);
  if (
    typeof config !== 'object' ||
    config === null ||
    (config.plugins !== undefined && !Array.isArray(config.plugins))
  ) {
    throw new LcomsError('LCOMS_E_CONFIG', 'the default export must be defineConfig({plugins: [...]})', { file });
  }
  for (const [i, entry] of (config.plugins ?? []).entries()) {
    const source = typeof entry === 'string' ? entry : path.basename(file);
    const loaded = typeof entry === 'string' ? await importDefault<Plugin | Plugin[]>(entry, file) : entry;
    for (const plugin of Array.isArray(loaded) ? loaded : [loaded]) {
      if (typeof plugin !== 'object' || plugin === null) {
        throw new LcomsError('LCOMS_E_CONFIG', `${source} must export a plugin (definePlugin) by default`, {
          file,
          path: `plugins[${i}]`,
        });
      }
      registry.add(definePlugin(plugin), source);
    }
  }
  return registry;
}

/** Loads one plugin file or package, for `lcoms plugins check`. */
export async function loadPluginFile(file: string): Promise<Plugin> {
  const absolute = path.resolve(file);
  if (!existsSync(absolute)) throw new LcomsError('LCOMS_E_FILE', 'no such file', { file });
  const plugin = await importDefault<Plugin>(absolute, absolute);
  if (typeof plugin !== 'object' || plugin === null) {
    throw new LcomsError('LCOMS_E_PLUGIN_INVALID', 'the file must export a plugin (definePlugin) by default', { file });
  }
  return definePlugin(plugin);
}

async function importDefault<T>(specifier: string, from: string): Promise<T> {
  const jiti = createJiti(pathToFileURL(from).href, { interopDefault: true });
  try {
    return await jiti.import<T>(specifier, { default: true });
  } catch (error) {
    if (error instanceof LcomsError) throw error;
    const first = (error as Error).message.split('\n')[0] ?? '';
    throw new LcomsError('LCOMS_E_CONFIG', `cannot load ${specifier}: ${first}`, { file: from, cause: error });
  }
}
