import { defineCommand } from 'citty';
import { table } from './output.js';
import { JSON_OPTION, type Verb, type VerbData } from './verb.js';
import { openRegistry } from './workplace.js';

const command = defineCommand({
  meta: { name: 'plugins ls', description: 'List the plugins that a spec can name here' },
  args: JSON_OPTION,
  run: async ({ data }) => {
    const { output } = data as VerbData;
    const plugins = (await openRegistry()).list();
    if (output.json) {
      output.document(
        plugins.map(({ id, kind, version, summary, source, capabilities }) => ({
          id,
          kind,
          version,
          summary,
          source,
          testOnly: capabilities.testOnly === true,
        })),
      );
      return 0;
    }
    const head = ['plugin', 'version', 'from', 'summary'].map((title) => output.style('bold', title));
    output.say(
      table([
        head,
        ...plugins.map(({ id, version, source, summary, capabilities }) => [
          id,
          version,
          source,
          capabilities.testOnly === true ? `${summary} (test only)` : summary,
        ]),
      ]),
    );
    return 0;
  },
});

export const verb: Verb = {
  command,
  examples: [
    ['lcoms plugins ls', 'built-in ones and those of lcoms.config.ts'],
    ["lcoms plugins ls --json | jq -r '.[].id'", 'their ids'],
  ],
};
