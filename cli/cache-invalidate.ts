import { defineCommand } from 'citty';
import { readStatus } from '../activities/run-files.js';
import { LcomsError } from '../schemas/errors.js';
import { committedNodes, RUN_OPTION } from './cache-nodes.js';
import { table } from './output.js';
import { peekStates } from './server-peek.js';
import { JSON_OPTION, type Verb, type VerbData } from './verb.js';
import { openWorkplace, type Workplace } from './workplace.js';

const command = defineCommand({
  meta: { name: 'cache invalidate', description: 'Take a result back, so that the next run makes it anew' },
  args: {
    node: {
      type: 'positional',
      required: true,
      description: 'node of a run, all of a fan-out (start), or a key (8 digits or more)',
    },
    ...RUN_OPTION,
    'dry-run': { type: 'boolean', description: 'say what would be taken back; change nothing' },
    ...JSON_OPTION,
  },
  run: async ({ args, data }) => {
    const { output } = data as VerbData;
    const workplace = openWorkplace();
    const found = await committedNodes(workplace, args.node, args.run);
    const dryRun = args['dry-run'] === true;
    if (!dryRun) {
      await refuseWhileInUse(workplace, new Set(found.map(({ manifest }) => manifest.key)));
      for (const { manifest } of found) await workplace.store.discard(manifest.key);
    }
    const nodes = found.map(({ id, manifest: { key, artifact } }) => ({ id, key, digest: artifact.digest }));
    if (output.json) output.document({ dryRun, nodes });
    else {
      output.say(table(nodes.map(({ id, key }) => [id, key.slice(0, 12)])));
      output.say(
        dryRun
          ? `\n${nodes.length} results would be taken back.`
          : `\n${nodes.length} results taken back. What was made of them stays valid if they come out the same; lcoms gc frees the space.`,
      );
    }
    return 0;
  },
});

/** A run that goes on may be about to read them. */
async function refuseWhileInUse(workplace: Workplace, keys: ReadonlySet<string>): Promise<void> {
  for (const [runId, state] of await peekStates(workplace)) {
    if (state !== 'running') continue;
    const status = await readStatus(workplace.store.store, runId);
    if (status?.nodes.some(({ key }) => key !== null && keys.has(key)))
      throw new LcomsError('LCOMS_E_INPUT', `the run ${runId} goes on and uses what should be taken back`, {
        hint: `Wait for its end (lcoms watch ${runId}), or interrupt it first.`,
      });
  }
}

export const verb: Verb = {
  command,
  examples: [
    ['lcoms cache invalidate encoder', 'of the newest run'],
    ['lcoms cache invalidate start --run last --dry-run', 'which keys these are'],
  ],
};
