import { defineCommand } from 'citty';
import { encoderDigest } from '../lib/model/model-files.js';
import { LcomsError } from '../schemas/errors.js';
import { Bar } from './bar.js';
import { CRYSTAL_FILES } from './crystal-files.js';
import { type Encoded, encodeFiles, failureLines, type NotEncoded } from './encode-files.js';
import { INTERRUPTED } from './errors.js';
import { interruptSignal } from './interrupt.js';
import { MODEL_OPTIONS, type OpenModel, openModel } from './open-model.js';
import { pluginOptions, wholeNumber } from './option-values.js';
import { type Output, table } from './output.js';
import { compareDraws, type Reconstruction, type ReconstructionSummary, summarise } from './reconstruction.js';
import { SeenCheck, UNSEEN_OPTION } from './unseen.js';
import { JSON_OPTION, type Verb, type VerbData } from './verb.js';

/** Rows that are decoded between two looks at the progress. */
const TOGETHER = 128;

const command = defineCommand({
  meta: { name: 'reconstruct', description: 'Encode crystals, decode them, and compare with what they were' },
  args: {
    ...CRYSTAL_FILES,
    ...MODEL_OPTIONS,
    draws: {
      type: 'string',
      valueHint: 'K',
      description: 'crystals drawn per latent; the best one counts (default 1)',
    },
    seed: { type: 'string', valueHint: 'N', description: 'seed of the draws (default 0)' },
    with: { type: 'string', valueHint: 'OPTIONS', description: "options of decoding as YAML, e.g. '{sampler: fast}'" },
    ...UNSEEN_OPTION,
    json: {
      ...JSON_OPTION.json,
      description: 'print one JSON document a line on stdout, one a crystal, then the summary',
    },
  },
  run: async ({ args, data }) => {
    const { output } = data as VerbData;
    const draws = wholeNumber('draws', args.draws, 1, 1);
    const seed = wholeNumber('seed', args.seed, 0, 0);
    const changed = pluginOptions(args.with);
    const signal = interruptSignal(output);
    const model = await openModel(args.model, { seed, signal, ...(changed && { with: changed }) });
    const seen = new SeenCheck(model.info.trained, args.unseen === true, (line) => output.warn(line));
    const bar = new Bar();
    const all: Reconstruction[] = [];
    const people: string[][] = [HEAD.map((t) => output.style('bold', t))];
    const seconds = { encode: 0, decode: 0 };
    const bad: NotEncoded[] = [];
    let before = 0;
    let began = performance.now();
    try {
      for await (const { rows, fraction } of encodeFiles(args._, model, seen)) {
        seconds.encode += (performance.now() - began) / 1000;
        const good = rows.filter((row): row is Encoded => !('error' in row));
        const each = Math.max(1, Math.floor(TOGETHER / draws));
        const results = new Map<Encoded, Reconstruction>();
        for (let at = 0; at < good.length; at += each) {
          const part = good.slice(at, at + each);
          began = performance.now();
          const decoded = await decodeDraws(part, draws, model.encoder);
          seconds.decode += (performance.now() - began) / 1000;
          part.forEach((row, i) => results.set(row, compareDraws(row, decoded[i] ?? [])));
          const done = before + ((fraction - before) * (at + part.length)) / good.length;
          bar.show(done, `reconstructed ${all.length + results.size} crystals`);
        }
        bar.clear();
        for (const row of rows) {
          const result = 'error' in row ? row : (results.get(row) as Reconstruction);
          if (output.json) output.document(result, 0);
          if ('error' in result) bad.push(result);
          else {
            all.push(result);
            if (!output.json) people.push(line(result));
          }
        }
        before = fraction;
        began = performance.now();
      }
    } catch (error) {
      if (signal.aborted) return INTERRUPTED;
      throw error;
    } finally {
      bar.clear();
      model.dispose();
    }
    const summary = summarise(all, draws, bad.length, { seconds, networkCalls: model.encoder.networkCalls ?? null });
    if (output.json) output.document({ summary: { ...summary, seed, encoder: encoderDigest(model.info) } }, 0);
    else {
      const parts = [all.length > 0 ? table(people, [1, 3, 5, 6]) : '', failureLines(bad)].filter(Boolean);
      output.say(`${parts.join('\n\n')}\n`);
      tell(output, summary);
    }
    return bad.length === 0 ? 0 : 2;
  },
});

async function decodeDraws(rows: readonly Encoded[], draws: number, encoder: OpenModel['encoder']) {
  const d = encoder.dimension;
  const latents = new Float32Array(rows.length * draws * d);
  const species = rows.flatMap(({ crystal }) => Array.from({ length: draws }, () => crystal.species));
  rows.forEach(({ latent }, r) => {
    for (let k = 0; k < draws; k++) latents.set(latent, (r * draws + k) * d);
  });
  const crystals = await encoder.decode(latents, species);
  if (crystals.length !== species.length)
    throw new LcomsError(
      'LCOMS_E_INTERNAL',
      `the decoder gave ${crystals.length} crystals for ${species.length} latents`,
    );
  return rows.map((_, r) => crystals.slice(r * draws, (r + 1) * draws));
}

const HEAD = ['file', 'index', 'formula', 'atoms', 'match', 'rms', 'volume', 'valid'];

function line(result: Reconstruction): string[] {
  const { file, index } = result;
  const { formula, atoms, match, rms, volumeError, valid, draws, matches } = result;
  const matched = draws > 1 ? `${match ? 'yes' : 'no'} ${matches}/${draws}` : match ? 'yes' : 'no';
  const change = `${volumeError < 0 ? '' : '+'}${(100 * volumeError).toFixed(1)} %`;
  return [file, String(index), formula, String(atoms), matched, rms?.toFixed(4) ?? '-', change, valid ? 'yes' : 'no'];
}

function tell(output: Output, summary: ReconstructionSummary): void {
  const percent = (x: number | null): string => (x === null ? '-' : `${(100 * x).toFixed(1)} %`);
  const { crystals, failed, draws, secondsPerCrystal, networkCallsPerCrystal: calls } = summary;
  output.say(
    table([
      ['crystals', `${crystals}${failed > 0 ? `, and ${failed} that could not be read or encoded` : ''}`],
      [draws > 1 ? `match, best of ${draws}` : 'match', percent(summary.matchRate)],
      ...(draws > 1 ? [['match, first draw', percent(summary.matchRateFirst)]] : []),
      ['mean rms of the matched', summary.meanRms?.toFixed(4) ?? '-'],
      ['rms < 0.1', percent(summary.tightRate)],
      ['mean volume error', percent(summary.meanVolumeError)],
      ['valid', percent(summary.validRate)],
      ['network calls', calls === null ? '-' : `${calls.toFixed(1)} a decoded crystal`],
      [
        'seconds',
        secondsPerCrystal === null
          ? '-'
          : `${secondsPerCrystal.encode.toFixed(4)} to encode, ${secondsPerCrystal.decode.toFixed(4)} to decode a crystal`,
      ],
    ]),
  );
}

export const verb: Verb = {
  command,
  variadic: true,
  examples: [
    ['lcoms reconstruct test.csv', 'how well the model that ships with lcoms gives crystals back'],
    ['lcoms reconstruct data.jsonl --model RUN --draws 4', 'the model of a run, best of four draws'],
    ["lcoms reconstruct *.cif --json | tail -1 | jq '.summary.matchRate'", 'one number'],
    ["lcoms reconstruct test.csv --with '{fastLevels: 10}'", 'with fewer network calls'],
  ],
  notes: [
    'match and rms are those of StructureMatcher (ltol 0.3, stol 0.5, angle 10); volume is the relative error; valid: no two',
    'atoms nearer than 0.5 A and a cell of 0.1 A^3 at least, as in the CDVAE paper. Elements and atoms are given to the decoder.',
    'Exit code 2 when a crystal could not be read or encoded; the others go on.',
  ],
};
