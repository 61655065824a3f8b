import path from 'node:path';
import { defineCommand } from 'citty';
import { encoderDigest } from '../lib/model/model-files.js';
import { writeModelFolder } from '../lib/model/model-folder.js';
import { LcomsError } from '../schemas/errors.js';
import { knownRun } from './run-id.js';
import { modelOfRun } from './run-model.js';
import { JSON_OPTION, type Verb, type VerbData } from './verb.js';
import { openWorkplace } from './workplace.js';

const command = defineCommand({
  meta: { name: 'model export', description: 'Write the trained model of a run as a folder that stands alone' },
  args: {
    run: { type: 'positional', required: true, description: 'run; lcoms ls lists them' },
    out: { type: 'string', valueHint: 'DIR', description: 'folder to write (required)' },
    name: { type: 'string', valueHint: 'NAME', description: 'name of the model (default: that of the experiment)' },
    force: { type: 'boolean', description: 'replace a model that is in the folder already' },
    ...JSON_OPTION,
  },
  run: async ({ args, data }) => {
    const { output } = data as VerbData;
    if (args.out === undefined) {
      throw new LcomsError('LCOMS_E_USAGE', '--out is missing: the folder to write, e.g. --out my-model', {
        hint: 'See `lcoms model export --help`.',
      });
    }
    if (args.name !== undefined && (args.name.trim() === '' || args.name.length > 100)) {
      throw new LcomsError('LCOMS_E_USAGE', `--name is "${args.name}"; it must have 1 to 100 characters`);
    }
    const workplace = openWorkplace();
    const { info, bytes } = await modelOfRun(workplace, await knownRun(workplace, args.run));
    const named = { ...info, name: args.name ?? info.name };
    await writeModelFolder(args.out, { info: named, bytes }, args.force === true);
    const out = path.resolve(args.out);
    if (output.json) output.document({ out, encoderDigest: encoderDigest(info), ...named });
    else {
      const size = info.files.reduce((sum, file) => sum + file.bytes, 0);
      output.say(`${out}: model ${named.name}, ${(size / 1e6).toFixed(1)} MB in ${info.files.length + 1} files.`);
      output.say(`lcoms reconstruct FILE --model ${args.out} says how well it gives crystals back.`);
    }
    return 0;
  },
});

export const verb: Verb = {
  command,
  examples: [
    ['lcoms model export quickstart-20260102-030405-abcd --out my-model', 'encoder, surrogate and where the data lie'],
    ['lcoms model export RUN --out my-model --name perovskites --force', 'named, over an earlier one'],
  ],
  notes: ['The folder is written whole or not at all. --force replaces models only, never anything else.'],
};
