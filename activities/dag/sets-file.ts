import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { parseFormula, reducedFormula } from '../../lib/crystal/composition.js';
import { sha256 } from '../../lib/hashing/sha256.js';
import { LcomsError } from '../../schemas/errors.js';
import { besideSpec } from './beside-spec.js';
import type { FileReferences } from './plan-run.js';

/** Compounds by set and group. */
export type Sets = Record<string, Record<string, Entry[]>>;
const entrySchema = z.strictObject({ formula: z.string(), atoms: z.number().int().positive().max(64) });
export type Entry = z.infer<typeof entrySchema>;
const setSchema = z.record(z.string(), z.array(entrySchema));

/**
 * The sets of a file that a spec names.
 * @param named the file, relative to the spec, and the option that names it
 * @param known what files held when a sweep was prepared; the file is put in
 * @throws LcomsError LCOMS_E_FILE for a file that is outside of the spec's folder, unreadable, no file of sets, or changed since
 */
export function readSets(specFile: string, named: { file: string; path: string }, known: FileReferences): Sets {
  const place = besideSpec(specFile, named.file, { what: 'file of compounds', of: 'spec', path: named.path });
  const bytes = readBytes(place);
  const reference = { digest: sha256(bytes), bytes: bytes.length, name: 'compounds.json' };
  const before = (known[named.file] ??= reference);
  if (before.digest !== reference.digest)
    throw new LcomsError('LCOMS_E_FILE', 'the file of compounds has changed since the sweep began', { file: place });
  return parseSets(Buffer.from(bytes).toString('utf8'), place);
}

/** All formulas of a file, in its order. */
export const formulasOf = (sets: Sets): string[] =>
  Object.values(sets).flatMap((groups) => Object.values(groups).flatMap((all) => all.map(({ formula }) => formula)));

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
