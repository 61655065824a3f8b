import { mkdirSync, renameSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { defineCommand } from 'citty';
import { compositionOf, reducedFormula } from '../lib/crystal/composition.js';
import {
  type LatentRow,
  type LatentsFormat,
  latentDocument,
  latentsFormatOf,
  writeLatentsFile,
} from '../lib/model/latents-file.js';
import { encoderDigest } from '../lib/model/model-files.js';
import { LcomsError } from '../schemas/errors.js';
import { Bar } from './bar.js';
import { CRYSTAL_FILES } from './crystal-files.js';
import { encodeFiles, failureLines, type NotEncoded } from './encode-files.js';
import { INTERRUPTED } from './errors.js';
import { interruptSignal } from './interrupt.js';
import { MODEL_OPTIONS, openModel } from './open-model.js';
import { table } from './output.js';
import { SeenCheck, UNSEEN_OPTION } from './unseen.js';
import { JSON_OPTION, type Verb, type VerbData } from './verb.js';

const command = defineCommand({
  meta: { name: 'encode', description: 'Latent vectors of crystals by a trained model' },
  args: {
    ...CRYSTAL_FILES,
    ...MODEL_OPTIONS,
    out: { type: 'string', valueHint: 'FILE', description: 'latents to write: .safetensors, .csv or .jsonl' },
    ...UNSEEN_OPTION,
    json: { ...JSON_OPTION.json, description: 'print one JSON document a line on stdout, one a crystal' },
  },
  run: async ({ args, data }) => {
    const { output } = data as VerbData;
    const out = args.out === undefined ? null : { file: args.out, format: latentsFormatOf(args.out) };
    const signal = interruptSignal(output);
    const model = await openModel(args.model, { seed: 0, signal });
    const digest = encoderDigest(model.info);
    const seen = new SeenCheck(model.info.trained, args.unseen === true, (line) => output.warn(line));
    const bar = new Bar();
    const kept: LatentRow[] = [];
    const people: string[][] = [['file', 'index', 'formula', 'atoms', '|z|'].map((t) => output.style('bold', t))];
    let good = 0;
    const bad: NotEncoded[] = [];
    try {
      for await (const { rows, fraction } of encodeFiles(args._, model, seen)) {
        bar.clear();
        for (const row of rows) {
          const { file, index } = row;
          if ('error' in row) {
            bad.push(row);
            if (output.json) output.document(row, 0);
            continue;
          }
          good += 1;
          const { species } = row.crystal;
          const entry = { file, index, species, latent: row.latent };
          if (out) kept.push(entry);
          const { latent, ...brief } = latentDocument(entry, digest);
          if (output.json) output.document(out ? brief : { ...brief, latent }, 0);
          else {
            const formula = reducedFormula(compositionOf(species));
            people.push([file, String(index), formula, String(species.length), Math.hypot(...row.latent).toFixed(3)]);
          }
        }
        bar.show(fraction, `encoded ${good} crystals`);
      }
    } catch (error) {
      if (signal.aborted) return INTERRUPTED;
      throw error;
    } finally {
      bar.clear();
      model.dispose();
    }
    if (!output.json && good > 0) output.say(table(people, [1, 3, 4]));
    if (!output.json && bad.length > 0) output.say(`${good > 0 ? '\n' : ''}${failureLines(bad)}`);
    if (out) {
      writeWhole(out, { dimension: model.encoder.dimension, encoder: digest, rows: kept });
      if (!output.json) output.say(`\n${out.file}: ${good} latents of ${model.encoder.dimension} numbers.`);
    }
    return bad.length === 0 ? 0 : 2;
  },
});

function writeWhole(
  { file, format }: { file: string; format: LatentsFormat },
  latents: Parameters<typeof writeLatentsFile>[0],
): void {
  const partial = `${file}.${process.pid}.partial`;
  try {
    mkdirSync(path.dirname(path.resolve(file)), { recursive: true });
    writeFileSync(partial, writeLatentsFile(latents, format));
    renameSync(partial, file);
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    throw new LcomsError('LCOMS_E_FILE', `the latents cannot be written there (${code ?? String(cause)})`, {
      file,
      cause,
    });
  }
}

export const verb: Verb = {
  command,
  variadic: true,
  examples: [
    ['lcoms encode *.cif --out latents.safetensors', 'by the model that ships with lcoms'],
    ['lcoms encode data.csv --model my-model --out latents.csv', 'by an exported model, for a spreadsheet'],
    ["lcoms encode MgO.cif --model RUN --json | jq '.latent'", 'by the model of a run, on stdout'],
  ],
  notes: [
    'Each crystal is reduced to its primitive Niggli cell first, so a supercell has the latent of its primitive cell.',
    'Exit code 2 when a crystal could not be read or encoded; the others are written all the same.',
  ],
};
