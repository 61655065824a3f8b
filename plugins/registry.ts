import semver from 'semver';
import { LcomsError } from '../schemas/errors.js';
import type { LockedPlugin } from '../schemas/node.js';
import type { PluginKind, PluginManifest } from '../schemas/plugin.js';
import { manifestOf, type Plugin } from './contract/define-plugin.js';
import { distance } from './edit-distance.js';

interface Entry {
  plugin: Plugin;
  source: string;
  /** Made when it is first asked for: every trial of a sweep records them. */
  manifest?: PluginManifest;
}

/** The plugins that a configuration allows, by id. A spec can only name what is in here. */
export class PluginRegistry {
  private readonly entries = new Map<string, Entry>();

  /** @throws LcomsError LCOMS_E_CONFIG when another plugin has the id already. */
  add(plugin: Plugin, source: string): this {
    const id = `${plugin.kind}/${plugin.name}`;
    const known = this.entries.get(id);
    if (known)
      throw new LcomsError(
        'LCOMS_E_CONFIG',
        `plugin ${id} from ${source} has the name of the one from ${known.source}`,
      );
    this.entries.set(id, { plugin, source });
    return this;
  }

  /** Every manifest, sorted by id. */
  list(): PluginManifest[] {
    return [...this.entries.values()]
      .map((entry) => {
        entry.manifest ??= manifestOf(entry.plugin, entry.source);
        return entry.manifest;
      })
      .sort((a, b) => (a.id < b.id ? -1 : 1));
  }

  /**
   * The plugin that `use` names (`kind/name` or `kind/name@range`).
   * @throws LcomsError LCOMS_E_PLUGIN_NOT_FOUND, saying what exists of that kind and the nearest name.
   */
  find(use: string, where: { file?: string; path?: string } = {}): Plugin {
    const [id = '', range] = use.split('@');
    const entry = this.entries.get(id);
    if (!entry) {
      const kind = id.split('/')[0] ?? '';
      const ofKind = [...this.entries.keys()].filter((k) => k.startsWith(`${kind}/`)).sort();
      const nearest = ofKind.map((k) => ({ k, d: distance(k, id) })).sort((a, b) => a.d - b.d)[0];
      const suggestion = nearest && nearest.d <= 4 ? ` Did you mean ${nearest.k}?` : '';
      throw new LcomsError(
        'LCOMS_E_PLUGIN_NOT_FOUND',
        `there is no plugin ${id}.${suggestion} Known: ${ofKind.join(', ') || `none of kind "${kind}"`}`,
        where,
      );
    }
    if (range !== undefined && !semver.satisfies(entry.plugin.version, range)) {
      throw new LcomsError(
        'LCOMS_E_PLUGIN_NOT_FOUND',
        `${id} is installed in version ${entry.plugin.version}, which is not in the range "${range}"`,
        where,
      );
    }
    return entry.plugin;
  }

  /** Like find, and of the kind wanted. */
  findKind<K extends PluginKind>(kind: K, use: string, where: { file?: string; path?: string } = {}): Plugin<K> {
    const plugin = this.find(use, where);
    if (plugin.kind !== kind) {
      throw new LcomsError(
        'LCOMS_E_DAG',
        `${use} is of kind ${plugin.kind} where a plugin of kind ${kind} is needed`,
        where,
      );
    }
    return plugin as Plugin<K>;
  }

  /**
   * Exact version and all options with defaults filled in.
   * @throws LcomsError LCOMS_E_PLUGIN_OPTIONS naming the option and its valid values.
   */
  lock(use: string, options: Record<string, unknown>, where: { file?: string; path?: string } = {}): LockedPlugin {
    const plugin = this.find(use, where);
    const id = `${plugin.kind}/${plugin.name}`;
    const parsed = plugin.options.safeParse(options);
    if (!parsed.success) {
      const valid = Object.keys(plugin.options.shape).sort();
      const problems = parsed.error.issues.map((issue) => {
        const path = issue.path.join('.');
        if (issue.code === 'unrecognized_keys') {
          return `unknown option ${issue.keys.map((k) => `"${k}"`).join(', ')}; the options are ${valid.join(', ') || 'none'}`;
        }
        return `${path || 'options'}: ${issue.message}`;
      });
      throw new LcomsError('LCOMS_E_PLUGIN_OPTIONS', `${id}: ${problems.join('; ')}`, {
        ...where,
        hint: `\`lcoms plugins show ${id}\` prints every option with its default.`,
      });
    }
    return {
      id,
      version: plugin.version,
      cacheVersion: plugin.cacheVersion,
      options: parsed.data as Record<string, unknown>,
    };
  }
}
