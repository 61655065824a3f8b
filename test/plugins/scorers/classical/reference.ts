import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import type { Mat3, Vec3 } from '../../../../schemas/crystal.js';

/** What ASE and pymatgen say: made by test/fixtures/make/classical_potentials.py. */
export interface ClassicalFixture {
  versions: Record<string, string>;
  /** e^2 / (4 pi epsilon_0) that pymatgen counts with, eV A. */
  coulomb: number;
  lennardJones: {
    lattice: Mat3;
    frac: Vec3[];
    epsilon: number;
    sigma: number;
    cutoff: number;
    switchFrom: number;
    energy: number;
    forces: number[];
    stress: number[];
  }[];
  ewald: { lattice: Mat3; species: string[]; frac: Vec3[]; charge: number; energy: number; forces: number[] }[];
}

export function classicalFixture(): ClassicalFixture {
  const file = new URL('../../../fixtures/scoring/classical.json.gz', import.meta.url);
  return JSON.parse(gunzipSync(readFileSync(file)).toString('utf8')) as ClassicalFixture;
}
