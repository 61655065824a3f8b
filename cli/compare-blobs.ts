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
  const numbers = parserOf(name);
  if (numbers) {
    try {
      return compareNumbers(name, numbers.by, numbers.parse(a, name), numbers.parse(b, name));
    } catch {
      // Not what its name says: told by its bytes.
    }
  }
  const at = firstDifference(a, b);
  const none = { numbers: 0, differing: 0, largestAbsolute: 0, largestRelative: 0, at: '' };
  return { name, by: 'bytes', ...none, other: at === null ? [] : [`byte ${at} of ${a.length} and ${b.length}`] };
}

type Leaves = Map<string, unknown>;

function parserOf(
  name: string,
): { by: 'tensors' | 'json' | 'csv'; parse(bytes: Uint8Array, name: string): Leaves } | null {
  if (name.endsWith('.safetensors')) return { by: 'tensors', parse: tensorLeaves };
  if (name.endsWith('.json')) return { by: 'json', parse: (bytes) => flatten(JSON.parse(textOf(bytes))) };
  if (name.endsWith('.jsonl'))
    return { by: 'json', parse: (bytes) => flatten(linesOf(bytes).map((line) => JSON.parse(line) as unknown)) };
  if (name.endsWith('.csv')) return { by: 'csv', parse: csvLeaves };
  return null;
}

function tensorLeaves(bytes: Uint8Array, name: string): Leaves {
  const { tensors, metadata } = readSafetensors(bytes, name);
  const leaves: Leaves = new Map(Object.entries(metadata).map(([key, value]) => [`metadata.${key}`, value]));
  for (const [tensor, { shape, data }] of Object.entries(tensors)) {
    leaves.set(`${tensor}.shape`, shape.join('x'));
    for (let i = 0; i < data.length; i++) leaves.set(`${tensor}[${i}]`, data[i]);
  }
  return leaves;
}

function csvLeaves(bytes: Uint8Array): Leaves {
  const [head = '', ...rows] = linesOf(bytes);
  const names = head.split(',');
  const leaves: Leaves = new Map();
  for (const [r, row] of rows.entries())
    for (const [c, cell] of row.split(',').entries())
      leaves.set(`${r}.${names[c] ?? c}`, cell !== '' && Number.isFinite(Number(cell)) ? Number(cell) : cell);
  return leaves;
}

function compareNumbers(name: string, by: BlobDifference['by'], a: Leaves, b: Leaves): BlobDifference {
  const found: BlobDifference = {
    name,
    by,
    numbers: 0,
    differing: 0,
    largestAbsolute: 0,
    largestRelative: 0,
    at: '',
    other: [],
  };
  let others = 0;
  for (const [path, one] of a) {
    const two = b.get(path);
    if (typeof one === 'number' && typeof two === 'number') {
      found.numbers += 1;
      if (Object.is(one, two)) continue;
      const difference = Math.abs(one - two);
      found.differing += 1;
      found.largestRelative = Math.max(found.largestRelative, difference / Math.max(Math.abs(one), Math.abs(two)) || 0);
      if (found.at !== '' && !(difference > found.largestAbsolute)) continue;
      found.largestAbsolute = difference;
      found.at = path;
    } else if (JSON.stringify(one) !== JSON.stringify(two)) {
      others += 1;
      if (others <= NAMED) found.other.push(two === undefined ? `${path} is missing` : path);
    }
  }
  for (const path of b.keys()) {
    if (a.has(path)) continue;
    others += 1;
    if (others <= NAMED) found.other.push(`${path} is new`);
  }
  if (others > NAMED) found.other.push(`${others - NAMED} more`);
  return found;
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
