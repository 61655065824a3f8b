import type { ArgsDef } from 'citty';
import { ORDERS, type Order } from '../activities/predict/rank.js';
import { SOURCES, type SourceName } from '../activities/predict/sources/source.js';
import type { PredictionRecord } from '../schemas/prediction.js';
import { oneOf, seconds, seedOption, wholeNumber } from './option-values.js';
import { CELLS, type CellKind } from './predict-files.js';

const DEFAULT_TRIES = 20;
const DEFAULT_FILES = 5;
const DEFAULT_OUT = 'predictions';

/** What is asked of `lcoms predict`. */
export interface PredictSettings {
  out: string;
  seed: number;
  /** Infinity when a budget alone decides. */
  tries: number;
  /** Structures that get a file. */
  files: number;
  cell: CellKind;
  atoms: number | undefined;
  /** CPU seconds a compound. */
  budget: number | null;
  /** Sources to ask; null: all. */
  sources: SourceName[] | null;
  /** File of templates. */
  data: string | null;
  /** What the answers are ranked by. */
  order: Order;
}

export const SETTINGS_OPTIONS = {
  atoms: { type: 'string', valueHint: 'N', description: 'atoms in the cell (default: all sizes up to 20)' },
  tries: { type: 'string', valueHint: 'K', description: `candidates in all (default ${DEFAULT_TRIES})` },
  budget: { type: 'string', valueHint: 'TIME', description: 'go on for so much CPU time a compound: 60s, 10m' },
  data: { type: 'string', valueHint: 'FILE', description: 'crystals to take as templates, beside those of lcoms' },
  sources: {
    type: 'string',
    valueHint: 'LIST',
    description: `of candidates, by commas (default all: ${SOURCES.join(', ')})`,
  },
  'rank-by': {
    type: 'string',
    valueHint: 'ORDER',
    description: 'precedents (energy, and what similar compounds are known to have; default) or energy alone',
  },
  out: { type: 'string', valueHint: 'DIR', description: `folder for CIFs and records (default ${DEFAULT_OUT})` },
  seed: { type: 'string', valueHint: 'N', description: 'seed (default LCOMS_SEED, else 0)' },
  top: { type: 'string', valueHint: 'N', description: `structures that are written (default ${DEFAULT_FILES})` },
  cell: { type: 'string', valueHint: 'CELL', description: `${CELLS.join(' or ')} cells (default primitive)` },
} as const satisfies ArgsDef;

type Given = Partial<Record<keyof typeof SETTINGS_OPTIONS, string | undefined>>;

/** Throws LCOMS_E_USAGE for a value that is not valid. */
export function readSettings(args: Given): PredictSettings {
  const budget = args.budget === undefined ? null : seconds('budget', args.budget);
  return {
    out: args.out ?? DEFAULT_OUT,
    seed: seedOption(args.seed),
    tries: wholeNumber('tries', args.tries, budget === null ? DEFAULT_TRIES : Number.POSITIVE_INFINITY, 1),
    files: wholeNumber('top', args.top, DEFAULT_FILES, 1),
    cell: oneOf('cell', args.cell, CELLS, 'primitive'),
    atoms: args.atoms === undefined ? undefined : wholeNumber('atoms', args.atoms, 0, 1),
    budget,
    sources: args.sources?.split(',').map((name) => oneOf('sources', name.trim(), SOURCES, 'template')) ?? null,
    data: args.data ?? null,
    order: oneOf('rank-by', args['rank-by'], ORDERS, 'precedents'),
  };
}

/** What was asked for, as the record gives it. */
export const optionsOf = ({
  tries,
  budget,
  atoms,
  sources,
  data,
  order,
}: PredictSettings): PredictionRecord['options'] => ({
  ...(Number.isFinite(tries) && { tries }),
  ...(budget !== null && { budgetSeconds: budget }),
  ...(atoms !== undefined && { atoms }),
  ...(data !== null && { data }),
  ...(sources !== null && { sources: sources.join(',') }),
  rankedBy: order,
});
