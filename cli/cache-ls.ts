import { defineCommand } from 'citty';
import type { NodeIdentity } from '../activities/dag/node-key.js';
import { allManifests } from '../lib/artifacts/manifests.js';
import { stepSchema } from '../schemas/experiment.js';
import { bytesOf } from './cache-nodes.js';
import { bytesText } from './lineage-drawing.js';
import { oneOf, wholeNumber } from './option-values.js';
import { duration, table } from './output.js';
import { timeText } from './run-list.js';
import { JSON_OPTION, type Verb, type VerbData } from './verb.js';
import { openWorkplace } from './workplace.js';

const SHOWN = 40;

const command = defineCommand({
  meta: { name: 'cache ls', description: 'List the committed results, newest first' },
  args: {
    step: { type: 'string', valueHint: 'STEP', description: `only of this step: ${stepSchema.options.join(', ')}` },
    limit: { type: 'string', valueHint: 'N', description: `at most so many (default ${SHOWN}; all with --json)` },
    ...JSON_OPTION,
  },
  run: async ({ args, data }) => {
    const { output } = data as VerbData;
    const step = args.step === undefined ? null : oneOf('step', args.step, stepSchema.options, 'report');
    const limit = wholeNumber('limit', args.limit, output.json ? Number.POSITIVE_INFINITY : SHOWN, 1);
    const workplace = openWorkplace();
    const all = (await allManifests(workplace.store.store))
      .filter(({ identity }) => step === null || identity['step'] === step)
      .reverse();
    const rows = all.slice(0, limit).map((manifest) => {
      const { step: of, plugin, options } = manifest.identity as unknown as NodeIdentity;
      const { key, artifact, provenance } = manifest;
      const { createdAt, seconds, run } = provenance;
      const formula = (options?.['formula'] as string | undefined) ?? null;
      const base = { key, step: of, formula, plugin: plugin?.id ?? null, kind: artifact.kind, digest: artifact.digest };
      return { ...base, bytes: bytesOf(manifest), createdAt, seconds, run: run ?? null };
    });
    if (output.json) output.document(rows);
    else if (rows.length === 0) output.say(`No results in ${workplace.store.store.describe()}.`);
    else {
      const head = ['key', 'step', 'plugin', 'bytes', 'took', 'made'].map((title) => output.style('bold', title));
      const lines = rows.map((row) => [
        row.key.slice(0, 12),
        [row.step, row.formula].filter(Boolean).join('/'),
        row.plugin ?? '-',
        bytesText(row.bytes),
        duration(row.seconds),
        timeText(row.createdAt),
      ]);
      output.say(table([head, ...lines], [3, 4]));
      const bytes = all.reduce((sum, manifest) => sum + bytesOf(manifest), 0);
      output.say(
        `\n${all.length} results, ${bytesText(bytes)}${rows.length < all.length ? `; the newest ${rows.length}` : ''}`,
      );
    }
    return 0;
  },
});

export const verb: Verb = {
  command,
  examples: [
    ['lcoms cache ls', 'what need not be made again'],
    ['lcoms cache ls --step train-encoder --json', 'trained encoders, for scripts'],
  ],
};
