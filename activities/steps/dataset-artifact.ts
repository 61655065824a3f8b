import type { NamedBytes } from '../../plugins/contract/context.js';
import type { EnergyScale } from '../../plugins/contract/dataset.js';
import type { NodeManifest } from '../../schemas/artifact.js';
import type { Crystal } from '../../schemas/crystal.js';
import { jsonBlob, readJson, type StepContext } from './context.js';

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

export function writeDataset(data: PreparedDataset): NamedBytes[] {
  return [
    jsonBlob('info.json', data.info),
    { name: 'train.jsonl', bytes: lines(data.train) },
    { name: 'validation.jsonl', bytes: lines(data.validation) },
    { name: 'held-out.jsonl', bytes: lines(data.heldOut) },
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

/** Crystals of a JSON lines blob. */
export async function readRows<T>(context: StepContext, manifest: NodeManifest, name: string): Promise<T[]> {
  const text = Buffer.from(await context.blob(manifest, name)).toString('utf8');
  return text
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as T);
}
