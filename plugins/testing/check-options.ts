import { canonicalJson } from '../../lib/hashing/canonical-json.js';
import { pluginManifestSchema } from '../../schemas/plugin.js';
import { definePlugin, manifestOf, type Plugin } from '../contract/define-plugin.js';
import { type Checks, demand, skip } from './checks.js';

/**
 * What holds for every kind: a valid manifest, options that are strict, plain JSON and stable when parsed again.
 * Returns the parsed options, or undefined when there are none to go on with.
 */
export async function checkOptions(
  checks: Checks,
  plugin: Plugin,
  given: Record<string, unknown> | undefined,
): Promise<Record<string, unknown> | undefined> {
  await checks.run('manifest', () => {
    definePlugin(plugin);
    const { success, error } = pluginManifestSchema.safeParse(manifestOf(plugin, 'check'));
    demand(success, `the manifest is not valid: ${error?.message}`);
  });
  await checks.run('unknown options are rejected', () => {
    const { success } = plugin.options.safeParse({ ...given, 'no-such-option': 1 });
    demand(!success, 'an option that does not exist is accepted: use z.strictObject');
  });
  const parsed = await checks.run('defaults parse', () => {
    const { data, error } = plugin.options.safeParse(given ?? {});
    if (!given && error && plugin.files) {
      skip(`there are options without a default (${paths(error)}): give them to the check`);
    }
    demand(!error, `${given ? 'the options given' : 'no options'} do not parse: ${paths(error)}`);
    return data as Record<string, unknown>;
  });
  if (!parsed) return undefined;
  await checks.run('options are plain data', () => {
    const text = canonicalJson(parsed);
    const { data, error } = plugin.options.safeParse(JSON.parse(text));
    demand(!error, `parsed options do not parse again: ${paths(error)}`);
    demand(canonicalJson(data) === text, 'options change when they are parsed again');
  });
  return parsed;
}

function paths(error: { issues: { path: PropertyKey[]; message: string }[] } | undefined): string {
  return (error?.issues ?? []).map(({ path, message }) => `${path.map(String).join('.')}: ${message}`).join('; ');
}
