import { readFileSync } from 'node:fs';
import path from 'node:path';
import { defineCommand } from 'citty';
import { compositionOf, parseFormula, reducedFormula } from '../lib/crystal/composition.js';
import { volume } from '../lib/crystal/lattice.js';
import { isStructurallyValid } from '../lib/crystal/validity.js';
import { type LatentRow, type LatentsFile, readLatentsFile } from '../lib/model/latents-file.js';
import { encoderDigest } from '../lib/model/model-files.js';
import type { Crystal } from '../schemas/crystal.js';
import { atomicNumber } from '../schemas/elements.js';
import { LcomsError } from '../schemas/errors.js';
import { Bar } from './bar.js';
import { type CrystalSink, openSink } from './decoded-files.js';
import { INTERRUPTED } from './errors.js';
import { interruptSignal } from './interrupt.js';
import { MODEL_OPTIONS, type OpenModel, openModel } from './open-model.js';
import { pluginOptions, wholeNumber } from './option-values.js';
import { SeenCheck, UNSEEN_OPTION } from './unseen.js';
import { JSON_OPTION, type Verb, type VerbData } from './verb.js';

/** Crystals that are decoded between two looks at the progress. */
const TOGETHER = 128;

const command = defineCommand({
  meta: { name: 'decode', description: 'Crystals from latent vectors by a trained model' },
  args: {
    latents: {
      type: 'positional',
      required: true,
      description: 'latents: .safetensors, .csv or .jsonl, as encode writes',
    },
    ...MODEL_OPTIONS,
    formula: {
      type: 'string',
      valueHint: 'FORMULA',
      description: 'atoms of the cell, e.g. MgO or Mg2O2, for every latent',
    },
    species: {
      type: 'string',
      valueHint: 'LIST',
      description: "the same as a list, e.g. 'Mg O'; default: as in the file",
    },
    draws: { type: 'string', valueHint: 'K', description: 'crystals drawn per latent (default 1)' },
    seed: { type: 'string', valueHint: 'N', description: 'seed of the draws (default 0)' },
    out: {
      type: 'string',
      valueHint: 'PATH',
      description: 'folder, or one file, e.g. found.jsonl (default: to stdout)',
    },
    format: {
      type: 'string',
      valueHint: 'FORMAT',
      description: 'cif, poscar, extxyz or jsonl (default: as --out says)',
    },
    with: { type: 'string', valueHint: 'OPTIONS', description: "options of decoding as YAML, e.g. '{sampler: fast}'" },
    ...UNSEEN_OPTION,
    json: { ...JSON_OPTION.json, description: 'print one JSON document a line on stdout, one a crystal' },
  },
  run: async ({ args, data }) => {
    const { output } = data as VerbData;
    const draws = wholeNumber('draws', args.draws, 1, 1);
    const seed = wholeNumber('seed', args.seed, 0, 0);
    const changed = pluginOptions(args.with);
    const given = givenSpecies(args.formula, args.species);
    const latents = readLatents(args.latents);
    const sink = output.json && args.out === undefined ? null : openSink(args.out, args.format);
    const signal = interruptSignal(output);
    const model = await openModel(args.model, { seed, signal, ...(changed && { with: changed }) });
    const bar = new Bar();
    let bad = 0;
    try {
      checkOrigin(latents, model, args.latents, (line) => output.warn(line));
      const seen = new SeenCheck(model.info.trained, args.unseen === true, (line) => output.warn(line));
      if (given) seen.check(given);
      const tasks: Task[] = [];
      for (const [row, latent] of latents.rows.entries()) {
        try {
          const species = given ?? checkedSpecies(latent, args.latents);
          seen.check(species);
          for (let draw = 0; draw < draws; draw++)
            tasks.push({ ...latent, row, draw, species, id: idOf(latent, row, draw, draws) });
        } catch (error) {
          if (!(error instanceof LcomsError)) throw error;
          bad += 1;
          const { file, index } = latent;
          if (output.json)
            output.document({ row, file, index, error: { code: error.code, message: error.message } }, 0);
          else output.warn(`row ${row} (${file} ${index}): ${error.code}: ${error.message}`);
        }
      }
      for (let at = 0; at < tasks.length; at += TOGETHER) {
        const part = tasks.slice(at, at + TOGETHER);
        const crystals = await decodeTasks(part, model.encoder);
        bar.clear();
        const files = sink?.write(crystals);
        if (output.json)
          crystals.forEach((crystal, i) =>
            output.document(documentOf(part[i] as Task, crystal, files?.[i] ?? null), 0),
          );
        bar.show((at + part.length) / tasks.length, `decoded ${at + part.length} of ${tasks.length} crystals`);
      }
      sink?.end();
      if (!output.json && args.out !== undefined)
        output.say(`${args.out}: ${tasks.length} crystals of ${latents.rows.length - bad} latents.`);
    } catch (error) {
      if (signal.aborted) return INTERRUPTED;
      throw error;
    } finally {
      bar.clear();
      (sink as CrystalSink | null)?.abandon();
      model.dispose();
    }
    return bad === 0 ? 0 : 2;
  },
});

/** One crystal to draw. */
interface Task extends LatentRow {
  /** In the file of latents. */
  row: number;
  draw: number;
  species: string[];
  id: string;
}

/** Atoms from --formula or --species, null when neither is given. */
function givenSpecies(formula: string | undefined, list: string | undefined): string[] | null {
  if (formula !== undefined && list !== undefined)
    throw new LcomsError('LCOMS_E_USAGE', 'give --formula or --species, not both');
  if (formula !== undefined) {
    return Object.entries(parseFormula(formula)).flatMap(([element, n]) => Array.from({ length: n }, () => element));
  }
  if (list === undefined) return null;
  const species = list.split(/[\s,]+/).filter(Boolean);
  const wrong = species.find((symbol) => atomicNumber(symbol) === undefined);
  if (species.length > 0 && wrong === undefined) return species;
  throw new LcomsError('LCOMS_E_USAGE', `--species is "${list}"; "${wrong ?? ''}" is not an element symbol`);
}

function readLatents(file: string): LatentsFile {
  let bytes: Buffer;
  try {
    bytes = readFileSync(file);
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    throw new LcomsError('LCOMS_E_FILE', code === 'ENOENT' ? 'no such file' : `it cannot be read (${code})`, {
      file,
      cause,
    });
  }
  const latents = readLatentsFile(bytes, file);
  if (latents.rows.length === 0) throw new LcomsError('LCOMS_E_INPUT', 'the file holds no latents', { file });
  return latents;
}

/** Latents mean something to the encoder that made them alone. */
function checkOrigin(
  latents: LatentsFile,
  { info, encoder }: OpenModel,
  file: string,
  warn: (line: string) => void,
): void {
  const digest = encoderDigest(info);
  if (latents.encoder !== null && latents.encoder !== digest) {
    throw new LcomsError(
      'LCOMS_E_INPUT',
      `the latents are of another encoder:\ntheirs ${latents.encoder}\nmodel  ${digest} (${info.name})`,
      { file, hint: 'Give --model the model that encoded them; `lcoms model show WHERE` prints its digest.' },
    );
  }
  if (latents.dimension !== encoder.dimension) {
    throw new LcomsError(
      'LCOMS_E_INPUT',
      `its latents have ${latents.dimension} numbers, those of the model ${info.name} have ${encoder.dimension}`,
      { file },
    );
  }
  if (latents.encoder === null) warn(`warning: ${file} does not say which encoder its latents are of`);
}

function checkedSpecies({ species }: LatentRow, file: string): string[] {
  if (species === null)
    throw new LcomsError('LCOMS_E_INPUT', 'the file does not say its species: give --formula or --species', { file });
  const wrong = species.find((symbol) => typeof symbol !== 'string' || atomicNumber(symbol) === undefined);
  if (wrong !== undefined || species.length === 0)
    throw new LcomsError('LCOMS_E_INPUT', `"${String(wrong ?? '')}" is not an element symbol`, { file });
  return species;
}

/** Names files too: `row-source-index`, and the draw where there are several. */
function idOf({ file, index }: LatentRow, row: number, draw: number, draws: number): string {
  const stem = path
    .basename(file)
    .replace(/(\.gz)?$/i, '')
    .replace(/\.[A-Za-z]+$/, '')
    .replace(/[^A-Za-z0-9._-]/g, '_');
  return [row, stem, index, ...(draws > 1 ? [draw] : [])].join('-');
}

async function decodeTasks(tasks: readonly Task[], encoder: OpenModel['encoder']): Promise<Crystal[]> {
  const latents = new Float32Array(tasks.length * encoder.dimension);
  tasks.forEach(({ latent }, i) => latents.set(latent, i * encoder.dimension));
  const crystals = await encoder.decode(
    latents,
    tasks.map(({ species }) => species),
  );
  return crystals.map((crystal, i) => ({ ...crystal, id: (tasks[i] as Task).id }));
}

function documentOf({ row, draw, file, index, species }: Task, crystal: Crystal, out: string | null) {
  return {
    row,
    draw,
    file,
    index,
    formula: reducedFormula(compositionOf(species)),
    atoms: species.length,
    volumePerAtom: volume(crystal.lattice) / species.length,
    valid: isStructurallyValid(crystal),
    ...(out === null ? { crystal } : { out }),
  };
}

export const verb: Verb = {
  command,
  examples: [
    ['lcoms decode latents.safetensors --out found', 'a CIF a latent, with the species that encode noted'],
    ['lcoms decode latents.csv --formula MgO --draws 4 --out found.jsonl', 'other atoms, four draws each'],
    ['lcoms decode latents.safetensors --model RUN --format extxyz > all.xyz', 'by the model of a run'],
  ],
  notes: [
    'Latents are decoded by the encoder that made them only. The same seed gives the same crystals.',
    'Exit code 2 when a latent could not be decoded; the others are written all the same.',
  ],
};
