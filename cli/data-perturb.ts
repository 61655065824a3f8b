import { defineCommand } from 'citty';
import { PERTURBATIONS, type Perturbation } from '../lib/relax/perturb.js';
import { LcomsError } from '../schemas/errors.js';
import { seedOption, wholeNumber } from './option-values.js';
import type { PerturbSettings } from './perturbed-rows.js';
import { makeScoredData, SCORED_DATA_OPTIONS } from './scored-data.js';
import { JSON_OPTION, type Verb, type VerbData } from './verb.js';

const command = defineCommand({
  meta: { name: 'data perturb', description: 'Make crystals off the minima, with energies: for the surrogate alone' },
  args: {
    ...SCORED_DATA_OPTIONS,
    kinds: {
      type: 'string',
      valueHint: 'LIST',
      description: `ways to perturb, of ${PERTURBATIONS.join(',')} (default: all)`,
    },
    per: { type: 'string', valueHint: 'N', description: 'perturbed crystals of each, their kinds drawn (default 1)' },
    seed: { type: 'string', valueHint: 'N', description: 'seed of the draws (default 0)' },
    'max-atoms': { type: 'string', valueHint: 'N', description: 'leave larger crystals out (default 20)' },
    ...JSON_OPTION,
  },
  run: async ({ args, data }) => {
    const { output } = data as VerbData;
    const settings: PerturbSettings = {
      kinds: kindsOf(args.kinds),
      per: wholeNumber('per', args.per, 1, 1),
      seed: seedOption(args.seed),
      maxAtoms: wholeNumber('max-atoms', args['max-atoms'], 20, 1),
    };
    return await makeScoredData(args, output, {
      verb: 'data perturb',
      done: 'perturbed',
      example: 'perturbed.jsonl.gz',
      settings: { perturb: settings },
      task: (rows) => ({ type: 'perturbed-row', rows, settings }),
      report: ({ out, tally, scorer }) => {
        const { rows, leftOut, kinds, skipped } = tally;
        if (output.json) output.document({ out, rows, leftOut, kinds, skipped, scorer });
        else {
          const each = PERTURBATIONS.flatMap((kind) => (kinds[kind] ? [`${kinds[kind]} ${kind}`] : []));
          output.say(`${out}: ${rows} crystals (${each.join(', ')}), by ${scorer.name} ${scorer.version}.`);
          if (tally.skippedText()) output.say(`${tally.skippedText()}.`);
          output.say(`lcoms run SPEC --set 'data.with.also=[DATA, ${args.out}]' trains the surrogate on them too.`);
        }
      },
    });
  },
});

/** Kinds in the order of PERTURBATIONS, each once. Throws LCOMS_E_USAGE. */
function kindsOf(given: string | undefined): Perturbation[] {
  const names = given?.split(',').map((name) => name.trim()) ?? PERTURBATIONS;
  const odd = names.find((name) => !PERTURBATIONS.some((kind) => kind === name));
  if (odd !== undefined)
    throw new LcomsError('LCOMS_E_USAGE', `--kinds names "${odd}"; it must list some of ${PERTURBATIONS.join(',')}`);
  return PERTURBATIONS.filter((kind) => names.includes(kind));
}

export const verb: Verb = {
  command,
  variadic: true,
  examples: [
    ['lcoms data perturb mp20.jsonl.gz --out off.jsonl.gz', 'one perturbed crystal of each'],
    ['lcoms data perturb mp20.jsonl.gz --out wrong.jsonl --kinds swap --per 2', 'elements on wrong sites alone'],
    ["lcoms run my.yaml --set 'data.with.also=[mp20.jsonl.gz, off.jsonl.gz]'", 'train on both'],
  ],
  notes: [
    'strain: linear, up to 12 %; shear: tensors up to 8 %; rattle: 0.05 to 0.4 A; swap: the elements change sites.',
    'Rows are those of `data score` with offMinimum, from and perturbation: the encoder, minima and baselines never see',
    'them. Interrupted, it goes on when the same command is given again.',
  ],
};
