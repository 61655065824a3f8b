import { defineCommand } from 'citty';
import { pluginOptions } from './option-values.js';
import { JSON_OPTION, type Verb, type VerbData } from './verb.js';

const command = defineCommand({
  meta: {
    name: 'plugins check',
    description: 'Hold a plugin against the contract: seeds, resume, cancel, invariances',
  },
  args: {
    file: { type: 'positional', required: true, description: 'file that exports a plugin (definePlugin) by default' },
    with: {
      type: 'string',
      valueHint: 'OPTIONS',
      description: "options of the plugin as YAML, e.g. '{epochs: 2}': ones that train in a second",
    },
    ...JSON_OPTION,
  },
  run: async ({ args, data }) => {
    const { output } = data as VerbData;
    const [{ loadPluginFile }, { checkPlugin }] = await Promise.all([
      import('../plugins/config.js'),
      import('../plugins/testing/index.js'),
    ]);
    const options = pluginOptions(args.with);
    const plugin = await loadPluginFile(args.file);
    const id = `${plugin.kind}/${plugin.name}`;
    const checks = await checkPlugin(plugin, options === undefined ? {} : { with: options });
    const failed = checks.filter(({ ok }) => !ok);
    if (output.json) output.document({ plugin: id, version: plugin.version, ok: failed.length === 0, checks });
    else {
      output.say(output.style('bold', `${id}@${plugin.version}`));
      for (const { name, ok, skipped, detail } of checks) {
        const mark = !ok ? output.style('red', '✗') : skipped ? output.style('dim', '-') : output.style('green', '✓');
        output.say(`${mark} ${name}${skipped ? output.style('dim', ` (skipped: ${skipped})`) : ''}`);
        if (detail) output.say(`    ${detail.split('\n').slice(0, 6).join('\n    ')}`);
      }
      output.say(
        failed.length === 0 ? '\nIt keeps the contract.' : `\n${failed.length} of ${checks.length} checks failed.`,
      );
    }
    return failed.length === 0 ? 0 : 2;
  },
});

export const verb: Verb = {
  command,
  examples: [
    ['lcoms plugins check my-optimizer.ts', 'every rule of the contract, one a line'],
    ["lcoms plugins check my-encoder.ts --with '{epochs: 2, checkpointSeconds: 0}'", 'with options that train quickly'],
  ],
  notes: ['Exit code 2 when a check fails.'],
};
