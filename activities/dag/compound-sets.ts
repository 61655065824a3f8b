import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { parseFormula, reducedFormula } from '../../lib/crystal/composition.js';
import { sha256 } from '../../lib/hashing/sha256.js';
import { Rng } from '../../lib/random/rng.js';
import { LcomsError } from '../../schemas/errors.js';
import type { CompoundFile, ExperimentSpec } from '../../schemas/experiment.js';
import { besideSpec } from './beside-spec.js';
import type { FileReferences } from './plan-run.js';

type Sets = Record<string, Record<string, Entry[]>>;
const entrySchema = z.strictObject({ formula: z.string(), atoms: z.number().int().positive().max(64) });
type Entry = z.infer<typeof entrySchema>;
const setSchema = z.record(z.string(), z.array(entrySchema));

/**
 * The spec with the compounds of a file of sets, if it names one, as a list with groups. All formulas of the file are held
 * out, whatever the set and the limit, so that every choice from one file shares its trainings.
 *
 * @param known what files held when a sweep was prepared; the file is put in
 * @throws LcomsError LCOMS_E_FILE for a file that is outside of the spec's folder, unreadable, no file of sets, or changed
 * since; LCOMS_E_SPEC for a set or group that it does not have
 */
export function withCompoundSets(spec: ExperimentSpec, file: string, known: FileReferences): ExperimentSpec {
  const wanted = spec.compounds;
  if (typeof wanted === 'string' || Array.isArray(wanted) || !('file' in wanted)) return spec;
  const place = besideSpec(file, wanted.file, { what: 'file of compounds', of: 'spec', path: 'compounds.file' });
  const bytes = readBytes(place);
  const reference = { digest: sha256(bytes), bytes: bytes.length, name: 'compounds.json' };
  const before = (known[wanted.file] ??= reference);
  if (before.digest !== reference.digest)
    throw new LcomsError('LCOMS_E_FILE', 'the file of compounds has changed since the sweep began', { file: place });
  const sets = parseSets(Buffer.from(bytes).toString('utf8'), place);
  const set = sets[wanted.set];
  if (!set) throw unknown('set', wanted.set, Object.keys(sets), file, 'compounds.set');
  const compounds = (wanted.groups ?? Object.keys(set)).flatMap((group, i) => {
    const entries = set[group];
    if (!entries) throw unknown('group', group, Object.keys(set), file, `compounds.groups[${i}]`);
    return chosen(entries, group, wanted).map((entry) => ({ ...entry, group }));
  });
  const all = Object.values(sets).flatMap((groups) => Object.values(groups).flatMap((entries) => entries));
  const named = Array.isArray(spec.holdOut) ? spec.holdOut : [];
  const holdOut = spec.holdOut !== false && [...named, ...all.map(({ formula }) => formula)];
  return { ...spec, compounds, holdOut };
}

/** The first ones of the order, as many as the limit lets; a higher limit keeps those of a lower one. In file order. */
function chosen(entries: readonly Entry[], group: string, { set, limit, order }: CompoundFile): Entry[] {
  if (limit === undefined) return [...entries];
  if (order === 'file') return entries.slice(0, limit);
  // Not by the root seed: runs of other seeds are to be compared on the same compounds.
  const drawn = new Set(Rng.from(`compounds/${set}/${group}`).shuffle(entries).slice(0, limit));
  return entries.filter((entry) => drawn.has(entry));
}

function readBytes(file: string): Uint8Array {
  try {
    return readFileSync(file);
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? 'error';
    throw new LcomsError('LCOMS_E_FILE', `cannot read the file of compounds: ${code}`, { file });
  }
}

function parseSets(text: string, file: string): Sets {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new LcomsError('LCOMS_E_FILE', `not valid JSON: ${(error as Error).message}`, { file });
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw notSets(file, '');
  const sets: Sets = {};
  for (const [name, given] of Object.entries(value)) {
    // The file may say by which seed or program it was made.
    if (typeof given !== 'object') continue;
    const parsed = setSchema.safeParse(given);
    const issue = parsed.error?.issues[0];
    if (!parsed.success) throw notSets(file, [name, ...(issue?.path ?? [])].map(String).join('.'), issue?.message);
    sets[name] = parsed.data;
  }
  checkFormulas(sets, file);
  return sets;
}

/** Each formula is one, and stands in one group of one set: what is counted twice, or validated and tested, counts for nothing. */
function checkFormulas(sets: Sets, file: string): void {
  const seen = new Map<string, string>();
  for (const [set, groups] of Object.entries(sets))
    for (const [group, entries] of Object.entries(groups))
      for (const [i, { formula }] of entries.entries()) {
        const path = `${set}.${group}.${i}`;
        let reduced: string;
        try {
          reduced = reducedFormula(parseFormula(formula));
        } catch (error) {
          throw error instanceof LcomsError ? new LcomsError(error.code, error.message, { file, path }) : error;
        }
        const first = seen.get(reduced);
        if (first)
          throw new LcomsError('LCOMS_E_FILE', `${formula} stands at ${first} too: once is all it may`, { file, path });
        seen.set(reduced, path);
      }
}

const notSets = (file: string, path: string, message = 'an object was expected'): LcomsError =>
  new LcomsError('LCOMS_E_FILE', `not a file of sets of compounds: ${message}`, {
    file,
    ...(path ? { path } : {}),
    hint: 'It is {SET: {GROUP: [{"formula": "MgO", "atoms": 2}, ...], ...}, ...}, as experiments/hard/sets.json.',
  });

const unknown = (what: string, name: string, valid: readonly string[], file: string, path: string): LcomsError =>
  new LcomsError('LCOMS_E_SPEC', `the file of compounds has no ${what} "${name}"; it has ${valid.join(', ')}`, {
    file,
    path,
  });
