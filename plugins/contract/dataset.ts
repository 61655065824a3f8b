import type { CrystalRow } from '../../lib/crystal/io/read.js';
import type { ScorerIdentity } from '../../schemas/score.js';

/** What the energies of a data set are. Sets of different scorers are never mixed. */
export interface EnergyScale {
  /** `formation`: relative to the elements; `total`: as the scorer gives it. eV/atom. */
  kind: 'formation' | 'total';
  /** The scorer that made them; null for DFT or unknown. */
  scorer: ScorerIdentity | null;
  description: string;
}

export interface LoadedDataset {
  /** Every row in file order, good and bad: prepare-data counts the bad ones and refuses or skips them. */
  rows: CrystalRow[];
  energy: EnergyScale;
  /** Where the data come from, with citation and licence. */
  provenance: string;
}

/** A source of crystals at local minima with energies. */
export interface Dataset {
  load(): Promise<LoadedDataset>;
}
