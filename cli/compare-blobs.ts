import { readSafetensors } from '../lib/tensor/safetensors.js';
import { flatten } from './flatten.js';

/** How two files differ. Relative: the difference over the larger of the two magnitudes. */
export interface BlobDifference {
  name: string;
  /** What was compared: numbers of tensors, of JSON, of CSV, or bytes alone. */
  by: 'tensors' | 'json' | 'csv' | 'bytes';
  /** Numbers that both have, and how many of them differ. */
  numbers: number;
  differing: number;
  largestAbsolute: number;
  largestRelative: number;
  /** Where the largest absolute difference is; '' when no number differs. */
  at: string;
  /** What else than numbers differs: other shapes, names, words. */
  other: string[];
}

/** Other differences that are named. */
const NAMED = 5;

/** Compares two files of one name, by their numbers where the format is known. */
export function compareBlobs(name: string, a: Uint8Array, b: Uint8Array): BlobDifference {
  const by = name.endsWith('.safetensors')
    ? 'tensors'
    : (Object.keys(LEAVES).find((end) => name.endsWith(end)) ?? null);
  try {
    if (by === 'tensors') return compareTensors(name, a, b);
    if (by !== null) {
      const leaves = LEAVES[by as keyof typeof LEAVES];
      const tally = new Tally(name, by === '.csv' ? 'csv' : 'json');
      tally.compare(leaves(a), leaves(b));
      return tally.result();
    }
  } catch {
    // Not what its name says: told by its bytes.
  }
  const at = firstDifference(a, b);
  const tally = new Tally(name, 'bytes');
  if (at !== null) tally.note(`byte ${at} of ${a.length} and ${b.length}`);
  return tally.result();
}

/** Counts differences as they are met. */
class Tally {
  readonly #found: BlobDifference;
  #others = 0;

  constructor(name: string, by: BlobDifference['by']) {
    const none = { numbers: 0, differing: 0, largestAbsolute: 0, largestRelative: 0, at: '' };
    this.#found = { name, by, ...none, other: [] };
  }

  /** @param at where it is; asked only when it matters */
  pair(one: number, two: number, at: () => string): void {
    const found = this.#found;
    found.numbers += 1;
    if (Object.is(one, two)) return;
    const difference = Math.abs(one - two);
    found.largestRelative = Math.max(found.largestRelative, difference / Math.max(Math.abs(one), Math.abs(two)) || 0);
    if (found.differing === 0 || difference > found.largestAbsolute) {
      found.largestAbsolute = difference;
      found.at = at();
    }
    found.differing += 1;
  }

  note(what: string): void {
    this.#others += 1;
    if (this.#others <= NAMED) this.#found.other.push(what);
  }

  compare(a: Leaves, b: Leaves): void {
    for (const [path, one] of a) {
      const two = b.get(path);
      if (typeof one === 'number' && typeof two === 'number') this.pair(one, two, () => path);
      else if (JSON.stringify(one) !== JSON.stringify(two)) this.note(two === undefined ? `${path} is missing` : path);
    }
    for (const path of b.keys()) if (!a.has(path)) this.note(`${path} is new`);
  }

  result(): BlobDifference {
    if (this.#others > NAMED) this.#found.other.push(`${this.#others - NAMED} more`);
    return this.#found;
  }
}

type Leaves = ReadonlyMap<string, unknown>;

/** Values by their place, for the kinds of text that are read. */
const LEAVES = {
  '.json': (bytes: Uint8Array): Leaves => flatten(JSON.parse(textOf(bytes))),
  '.jsonl': (bytes: Uint8Array): Leaves => flatten(linesOf(bytes).map((line) => JSON.parse(line) as unknown)),
  '.csv': csvLeaves,
} as const;

/** Number by number, without a name for each: models have millions. */
function compareTensors(name: string, a: Uint8Array, b: Uint8Array): BlobDifference {
  const [left, right] = [readSafetensors(a, name), readSafetensors(b, name)];
  const tally = new Tally(name, 'tensors');
  tally.compare(flatten({ metadata: left.metadata }), flatten({ metadata: right.metadata }));
  const shapes = ({ tensors }: typeof left): Leaves =>
    new Map(Object.entries(tensors).map(([tensor, { shape }]) => [`${tensor}.shape`, shape.join('x')]));
  tally.compare(shapes(left), shapes(right));
  for (const [tensor, { data }] of Object.entries(left.tensors)) {
    const other = right.tensors[tensor]?.data;
    if (other?.length !== data.length) continue;
    for (let i = 0; i < data.length; i++) tally.pair(data[i] as number, other[i] as number, () => `${tensor}[${i}]`);
  }
  return tally.result();
}

function csvLeaves(bytes: Uint8Array): Leaves {
  const [head = '', ...rows] = linesOf(bytes);
  const names = head.split(',');
  const leaves = new Map<string, unknown>();
  for (const [r, row] of rows.entries())
    for (const [c, cell] of row.split(',').entries())
      leaves.set(`${r}.${names[c] ?? c}`, cell !== '' && Number.isFinite(Number(cell)) ? Number(cell) : cell);
  return leaves;
}

function firstDifference(a: Uint8Array, b: Uint8Array): number | null {
  for (let i = 0; i < Math.max(a.length, b.length); i++) if (a[i] !== b[i]) return i;
  return null;
}

const textOf = (bytes: Uint8Array): string => new TextDecoder('utf-8', { fatal: true }).decode(bytes);
const linesOf = (bytes: Uint8Array): string[] =>
  textOf(bytes)
    .split('\n')
    .filter((line) => line !== '');
