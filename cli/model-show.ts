import { defineCommand } from 'citty';
import { stringify } from 'yaml';
import { encoderDigest } from '../lib/model/model-files.js';
import type { ModelInfo } from '../schemas/model.js';
import { type FoundModel, findModel, SHIPPED_MODEL } from './find-model.js';
import { type Output, table } from './output.js';
import { JSON_OPTION, type Verb, type VerbData } from './verb.js';

const command = defineCommand({
  meta: { name: 'model show', description: 'Show a trained model: what it is and what it has seen' },
  args: {
    where: {
      type: 'positional',
      required: false,
      description: `run, folder, or cdvae.safetensors (default ${SHIPPED_MODEL}: the one of lcoms)`,
    },
    ...JSON_OPTION,
  },
  run: async ({ args, data }) => {
    const { output } = data as VerbData;
    const { info, source } = await findModel(args.where);
    if (output.json) output.document({ source, encoderDigest: encoderDigest(info), ...info });
    else show(output, info, source);
    return 0;
  },
});

function show(output: Output, info: ModelInfo, source: FoundModel['source']): void {
  const { data, trained } = info;
  const counted =
    data.crystals === null ? 'unknown' : `training split of ${data.crystals} crystals; ${data.provenance}`;
  output.say(
    table([
      ['model', `${info.name} (${source.kind} ${source.place})`],
      ['encoder', `${info.encoder.use}, digest ${encoderDigest(info)}`],
      ['surrogate', info.surrogate ? `${info.surrogate.use}, of ${info.energyTarget ?? 'unknown'} energies` : 'none'],
      ['data', counted],
      ['scorer', data.scorer ? `${data.scorer.name} ${data.scorer.version}` : 'unknown'],
      ['elements', trained?.elements.join(' ') ?? 'unknown'],
      ['atoms', trained ? `${trained.atoms.join(' ')} in the primitive cell` : 'unknown'],
      ['made by', madeBy(info)],
    ]),
  );
  const files = info.files.map(({ name, role, bytes, sha256 }) => [name, role, String(bytes), sha256.slice(0, 12)]);
  output.say(`\n${table([['file', 'role', 'bytes', 'sha256'].map((t) => output.style('bold', t)), ...files], [2])}`);
  const options = stringify(info.encoder.with, { flowCollectionPadding: false }).trimEnd();
  output.say(`\n${output.style('bold', 'encoder options')}\n${options}`);
}

function madeBy({ lcoms, seed, backend }: ModelInfo): string {
  const parts = [lcoms && `lcoms ${lcoms}`, seed === null ? null : `seed ${seed}`, backend];
  return parts.filter((part) => part !== null).join(', ') || 'unknown';
}

export const verb: Verb = {
  command,
  examples: [
    ['lcoms model show', 'the model that ships with lcoms'],
    ['lcoms model show quickstart-20260102-030405-abcd', 'the model that a run trained'],
    ["lcoms model show my-model --json | jq '.trained'", 'elements and sizes that it has seen'],
  ],
  notes: ['Every file is checked against its digest.'],
};
