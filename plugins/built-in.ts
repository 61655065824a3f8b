import type { Plugin } from './contract/define-plugin.js';
import { cdvaeCsvDataset } from './datasets/cdvae-csv/index.js';
import { jsonlDataset } from './datasets/jsonl/index.js';
import { simulatedDataset } from './datasets/simulated/index.js';

/** The plugins that come with lcoms, one folder a kind. */
export const BUILT_IN: readonly Plugin[] = [
  simulatedDataset,
  jsonlDataset,
  cdvaeCsvDataset,
] as unknown as readonly Plugin[];
