import type { NamedBytes } from '../../plugins/contract/context.js';
import type { EnergyScale } from '../../plugins/contract/dataset.js';
import type { NodeManifest } from '../../schemas/artifact.js';
import type { Crystal } from '../../schemas/crystal.js';
import { OFF_MINIMA } from '../dag/input-digests.js';
import { jsonBlob, readJson, type StepContext } from './context.js';
import type { OffMinima } from './off-minima.js';

/** A crystal of the prepared data with the energy that the surrogate learns, eV/atom. */
export type PreparedCrystal = Crystal & { target: number };

export interface DatasetInfo {
  energy: EnergyScale;
  provenance: string;
  target: 'formation' | 'above-composition';
  /** Of the training targets, eV/atom. */
  targetMean: number;
  targetStd: number;
  counts: Record<string, number>;
  /** The first bad rows, for the report. */
  badRows: { line: number; message: string }[];
}

export interface PreparedDataset {
  info: DatasetInfo;
  train: PreparedCrystal[];
  validation: PreparedCrystal[];
  /** Crystals of the compounds to predict, left out of training; their energies are not targets. */
  heldOut: Crystal[];
}

const lines = (rows: readonly unknown[]) => Buffer.from(rows.map((r) => `${JSON.stringify(r)}\n`).join(''));

/** Blobs of the crystals that are no minima, apart from the others: what reads the minima alone sees no difference. */
const OFF_BLOBS: Readonly<Record<keyof OffMinima, string>> = {
  train: `${OFF_MINIMA}train.jsonl`,
  validation: `${OFF_MINIMA}validation.jsonl`,
};
const SPLITS = ['train', 'validation'] as const;

/** @param counts of the rows that are no minima; null: there are none */
export function writeDataset(
  data: PreparedDataset,
  off: OffMinima,
  counts: Record<string, number> | null,
): NamedBytes[] {
  return [
    jsonBlob('info.json', data.info),
    { name: 'train.jsonl', bytes: lines(data.train) },
    { name: 'validation.jsonl', bytes: lines(data.validation) },
    { name: 'held-out.jsonl', bytes: lines(data.heldOut) },
    ...(counts ? [jsonBlob(`${OFF_MINIMA}info.json`, { counts })] : []),
    ...SPLITS.flatMap((split) => (off[split].length > 0 ? [{ name: OFF_BLOBS[split], bytes: lines(off[split]) }] : [])),
  ];
}

export async function readDataset(context: StepContext, manifest: NodeManifest): Promise<PreparedDataset> {
  return {
    info: await readJson<DatasetInfo>(context, manifest, 'info.json'),
    train: await readRows<PreparedCrystal>(context, manifest, 'train.jsonl'),
    validation: await readRows<PreparedCrystal>(context, manifest, 'validation.jsonl'),
    heldOut: await readRows<Crystal>(context, manifest, 'held-out.jsonl'),
  };
}

/** The crystals that are no minima, for surrogates alone; empty where the data have none. */
export async function readOffMinima(context: StepContext, manifest: NodeManifest): Promise<OffMinima> {
  const off: OffMinima = { train: [], validation: [] };
  for (const split of SPLITS) {
    if (manifest.artifact.blobs.some(({ name }) => name === OFF_BLOBS[split]))
      off[split] = await readRows<PreparedCrystal>(context, manifest, OFF_BLOBS[split]);
  }
  return off;
}

/** Crystals of a JSON lines blob. */
export async function readRows<T>(context: StepContext, manifest: NodeManifest, name: string): Promise<T[]> {
  const text = Buffer.from(await context.blob(manifest, name)).toString('utf8');
  return text
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as T);
}
