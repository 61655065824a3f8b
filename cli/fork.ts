import { defineCommand } from 'citty';
import { forkHindrances } from '../activities/dag/fork-node.js';
import { parseSpec } from '../activities/dag/load-spec.js';
import { filesOf, planNodes } from '../activities/dag/plan-run.js';
import { readPlan } from '../activities/run-files.js';
import { LcomsError } from '../schemas/errors.js';
import { launch } from './launch.js';
import { knownRun } from './run-id.js';
import { JSON_OPTION, type Verb, type VerbData } from './verb.js';
import { openRegistry, openWorkplace } from './workplace.js';

const command = defineCommand({
  meta: { name: 'fork', description: 'Start a changed run from where another one stands' },
  args: {
    id: { type: 'positional', required: true, description: 'run to start from; lcoms ls lists them' },
    set: {
      type: 'string',
      valueHint: 'PATH=VALUE',
      description: 'change a value of its spec, e.g. surrogate.with.epochs=100; repeatable',
    },
    anew: { type: 'boolean', description: 'train anew what cannot go on from the checkpoints of the run' },
    out: { type: 'string', valueHint: 'DIR', description: 'folder of the results (default lcoms-out/RUN-ID)' },
    detach: { type: 'boolean', description: 'start it, print its id, and let it go on in the background' },
    ...JSON_OPTION,
  },
  run: async ({ args, data }) => {
    const { output, repeated } = data as VerbData;
    const sets = repeated('set');
    if (sets.length === 0)
      throw new LcomsError('LCOMS_E_USAGE', 'say what is to differ: lcoms fork RUN --set path=value', {
        hint: '`lcoms resume RUN` goes on with a run as it is.',
      });
    const workplace = openWorkplace();
    const parent = await readPlan(workplace.store.store, await knownRun(workplace, args.id));
    const registry = await openRegistry();
    const file = parent.specFile ?? `the spec of ${parent.runId}`;
    const spec = parseSpec(JSON.stringify(parent.spec), file, sets);
    const nodes = await planNodes(spec, registry, file, null, filesOf(parent.nodes, registry));
    const hindrances = forkHindrances(parent.nodes, nodes, registry);
    if (hindrances.length > 0 && !args.anew) {
      throw new LcomsError(
        'LCOMS_E_CHECKPOINT_INCOMPATIBLE',
        [`a training cannot go on from where ${parent.runId} stands:`, ...hindrances].join('\n'),
        { hint: 'Change something else, or give --anew to train it from nothing.' },
      );
    }
    const { out, detach: detached = false } = args;
    return await launch({ spec, file, registry, out, detached, output, parent });
  },
});

export const verb: Verb = {
  command,
  repeatable: ['set'],
  examples: [
    ['lcoms fork RUN --set surrogate.with.epochs=100', 'more epochs, from the checkpoint of the training'],
    ['lcoms fork RUN --set optimizer.use=optimizer/pso', 'another search; the trainings are found again'],
    ['lcoms fork RUN --set encoder.with.latentDimension=16 --anew', 'trained from nothing'],
  ],
  notes: [
    'Which options may change in the middle of a training is for its plugin to say (`growing`); others are refused, with the differences.',
    'Data files are taken as they were when the run was planned.',
  ],
};
