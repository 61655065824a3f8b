import type { Crystal, Mat3, Vec3 } from '../../../schemas/crystal.js';
import { type ScorerIdentity, scorerIdentitySchema } from '../../../schemas/score.js';
import { latticeFromParameters } from '../lattice.js';
import { type CrystalRow, type OffMinimum, type ParseInput, RowError, rowOf, show } from './rows.js';

type Members = Record<string, unknown>;

function isTriple(v: unknown): v is Vec3 {
  return Array.isArray(v) && v.length === 3 && v.every((x) => Number.isFinite(x));
}

function latticeOf(row: Members): Mat3 {
  if (row.lattice !== undefined) return row.lattice as Mat3;
  if (isTriple(row.lengths) && isTriple(row.angles)) return latticeFromParameters(row.lengths, row.angles);
  const found = Object.keys(row).join(', ') || 'nothing';
  throw new RowError(
    `no cell: give \`lattice\` (three rows, A), or \`lengths\` (A) and \`angles\` (degrees); members found: ${found}`,
  );
}

/** JSON `null` means "not given". */
const given = <T>(v: unknown): T | undefined => (v === null ? undefined : (v as T | undefined));

function crystalOf(value: unknown): Crystal {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new RowError(`${show(value)} is not a crystal; it must be an object with lattice, species and frac`);
  }
  const row = value as Members;
  const crystal: Crystal = {
    lattice: latticeOf(row),
    species: row.species as string[],
    frac: row.frac as Vec3[],
  };
  const id = given<string>(row.id);
  const formation = given<number>(row.formationEnergyPerAtom ?? row.eForm);
  const energy = given<number>(row.energyPerAtom);
  if (id !== undefined) crystal.id = id;
  if (formation !== undefined) crystal.formationEnergyPerAtom = formation;
  if (energy !== undefined) crystal.energyPerAtom = energy;
  return crystal;
}

/** @throws RowError for a flag that is neither true nor false: taken for a minimum the row would spoil those of its formula. */
function offMinimumOf({ offMinimum, from, perturbation }: Members): OffMinimum | undefined {
  const flag = given<unknown>(offMinimum) ?? false;
  if (typeof flag !== 'boolean') throw new RowError(`offMinimum is ${show(flag)}; it must be true or false`);
  if (!flag) return undefined;
  return {
    ...(typeof from === 'string' && { from }),
    ...(typeof perturbation === 'string' && { perturbation }),
  };
}

/** The row of one member of a document; a `scorer` that is not an identity is left out like any unknown member. */
function jsonRow(index: number, line: number, read: () => unknown): CrystalRow {
  let scorer: ScorerIdentity | undefined;
  let offMinimum: OffMinimum | undefined;
  const row = rowOf(index, line, () => {
    const value = read();
    const crystal = crystalOf(value);
    const { scorer: named } = value as Members;
    if (named !== undefined) scorer = scorerIdentitySchema.safeParse(named).data;
    offMinimum = offMinimumOf(value as Members);
    return crystal;
  });
  if ('error' in row) return row;
  return { ...row, ...(scorer && { scorer }), ...(offMinimum && { offMinimum }) };
}

function parseLine(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch (cause) {
    throw new RowError(`not JSON: ${(cause as Error).message}`);
  }
}

/** A document of its own, on one line or many: an array of crystals or one crystal. Undefined when it is JSON lines. */
function wholeDocument(text: string): unknown[] | undefined {
  const start = text.trimStart();
  const firstLine = start.slice(0, start.indexOf('\n') < 0 ? start.length : start.indexOf('\n')).trim();
  if (!start.startsWith('[') && firstLine !== '{') return undefined;
  try {
    const value: unknown = JSON.parse(text);
    return Array.isArray(value) ? value : [value];
  } catch {
    return undefined;
  }
}

/**
 * Crystals as JSON lines, or as one JSON array. Members: `lattice` (rows, A) or `lengths` (A) and `angles` (degrees);
 * `species`; `frac`; optionally `id`, `formationEnergyPerAtom` (or `eForm`) and `energyPerAtom`, eV/atom, and `scorer`
 * ({name, version, weights}), who made `energyPerAtom`; the row keeps it. `offMinimum: true` (with `from` and
 * `perturbation`, text) says that the crystal is no minimum. Others are left out.
 */
export function parseJsonl({ text }: ParseInput): CrystalRow[] {
  const document = wholeDocument(text);
  if (document) return document.map((value, index) => jsonRow(index, 1, () => value));
  const rows: CrystalRow[] = [];
  for (let at = 0, line = 1; at < text.length; line++) {
    const newline = text.indexOf('\n', at);
    const end = newline < 0 ? text.length : newline;
    const content = text.slice(at, end).trim();
    if (content !== '') rows.push(jsonRow(rows.length, line, () => parseLine(content)));
    at = end + 1;
  }
  return rows;
}

/** One line a crystal, its members in a fixed order; numbers keep every bit. */
export function writeJsonl(crystals: readonly Crystal[]): string {
  return crystals
    .map(({ id, lattice, species, frac, formationEnergyPerAtom, energyPerAtom }) =>
      JSON.stringify({ id, lattice, species, frac, formationEnergyPerAtom, energyPerAtom }),
    )
    .map((line) => `${line}\n`)
    .join('');
}
