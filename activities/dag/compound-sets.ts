import { Rng } from '../../lib/random/rng.js';
import { LcomsError } from '../../schemas/errors.js';
import type { CompoundFile, ExperimentSpec } from '../../schemas/experiment.js';
import type { FileReferences } from './plan-run.js';
import { type Entry, formulasOf, readSets } from './sets-file.js';

/**
 * The spec with the compounds of a file of sets, if it names one, as a list with groups. All formulas of the file are held
 * out, whatever the set and the limit, so that every choice from one file shares its trainings; so are those of a file that
 * `holdOut` names.
 *
 * @param known what files held when a sweep was prepared; the file is put in
 * @throws LcomsError LCOMS_E_FILE for a file that is outside of the spec's folder, unreadable, no file of sets, or changed
 * since; LCOMS_E_SPEC for a set or group that it does not have
 */
export function withCompoundSets(given: ExperimentSpec, file: string, known: FileReferences): ExperimentSpec {
  const spec = withHeldOutSets(given, file, known);
  const wanted = spec.compounds;
  if (typeof wanted === 'string' || Array.isArray(wanted) || !('file' in wanted)) return spec;
  const sets = readSets(file, { file: wanted.file, path: 'compounds.file' }, known);
  const set = sets[wanted.set];
  if (!set) throw unknown('set', wanted.set, Object.keys(sets), file, 'compounds.set');
  const compounds = (wanted.groups ?? Object.keys(set)).flatMap((group, i) => {
    const entries = set[group];
    if (!entries) throw unknown('group', group, Object.keys(set), file, `compounds.groups[${i}]`);
    return chosen(entries, group, wanted).map((entry) => ({ ...entry, group }));
  });
  const named = Array.isArray(spec.holdOut) ? spec.holdOut : [];
  const holdOut = spec.holdOut !== false && [...named, ...formulasOf(sets)];
  return { ...spec, compounds, holdOut };
}

/** The spec with the formulas of the file that `holdOut` names, if it names one, as a list. */
function withHeldOutSets(spec: ExperimentSpec, file: string, known: FileReferences): ExperimentSpec {
  const { holdOut } = spec;
  if (typeof holdOut === 'boolean' || Array.isArray(holdOut)) return spec;
  return { ...spec, holdOut: formulasOf(readSets(file, { file: holdOut.file, path: 'holdOut.file' }, known)) };
}

/** The first ones of the order, as many as the limit lets; a higher limit keeps those of a lower one. In file order. */
export function chosen(
  entries: readonly Entry[],
  group: string,
  { set, limit, order }: Pick<CompoundFile, 'set' | 'limit' | 'order'>,
): Entry[] {
  if (limit === undefined) return [...entries];
  if (order === 'file') return entries.slice(0, limit);
  // Not by the root seed: runs of other seeds are to be compared on the same compounds.
  const drawn = new Set(Rng.from(`compounds/${set}/${group}`).shuffle(entries).slice(0, limit));
  return entries.filter((entry) => drawn.has(entry));
}

const unknown = (what: string, name: string, valid: readonly string[], file: string, path: string): LcomsError =>
  new LcomsError('LCOMS_E_SPEC', `the file of compounds has no ${what} "${name}"; it has ${valid.join(', ')}`, {
    file,
    path,
  });
