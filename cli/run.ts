import { defineCommand } from 'citty';
import { launch } from './launch.js';
import { readSpec, SPEC_OPTIONS } from './spec.js';
import { JSON_OPTION, type Verb, type VerbData } from './verb.js';
import { openRegistry } from './workplace.js';

const command = defineCommand({
  meta: { name: 'run', description: 'Run an experiment and write its results' },
  args: {
    spec: { type: 'positional', required: true, description: 'experiment, YAML or JSON' },
    ...SPEC_OPTIONS,
    out: { type: 'string', valueHint: 'DIR', description: 'folder of the results (default lcoms-out/RUN-ID)' },
    detach: { type: 'boolean', description: 'start it, print its id, and let it go on in the background' },
    ...JSON_OPTION,
  },
  run: async ({ args, data }) => {
    const { output, repeated } = data as VerbData;
    const { spec, file } = readSpec(args.spec, args.data, repeated('set'));
    const { out, detach: detached = false } = args;
    return await launch({ spec, file, registry: await openRegistry(), out, detached, output });
  },
});

export const verb: Verb = {
  command,
  repeatable: ['set'],
  examples: [
    ['lcoms run experiments/quickstart.yaml', 'the whole pipeline, in minutes'],
    ['lcoms run my.yaml --data crystals.csv', 'train on your own crystals (CDVAE CSV, .gz too)'],
    ['lcoms run my.yaml --data minima.jsonl --out results/a', 'JSON lines; results into results/a'],
    ['lcoms run my.yaml --set surrogate.with.tau=0.5 --set seed=7', 'change the spec for this run'],
    ['lcoms run my.yaml --json > result.json', '{runId, state, outDir, files, metrics}'],
  ],
  notes: [
    'Steps whose inputs and options are as in an earlier run are not run again: they are shown as cached.',
    'The results are results.csv, results.json, table.txt, crystals/*.cif, timings.csv and plan.json.',
  ],
};
