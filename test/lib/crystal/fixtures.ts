import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import type { Crystal, Mat3, Vec3 } from '../../../schemas/crystal.js';

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

/** Path of a file of test/fixtures/crystal. */
export const fixturePath = (name: string): string => here(`../../fixtures/crystal/${name}`);

/** A committed JSON fixture, gzipped or not. */
export function loadFixture<T>(name: string): T {
  const bytes = readFileSync(fixturePath(name));
  return JSON.parse((name.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString('utf8')) as T;
}

/** Data that lies beside the repository and is not part of it; undefined where it is absent. */
export function sharedPath(name: string): string | undefined {
  const path = here(`../../../../shared/${name}`);
  return existsSync(path) ? path : undefined;
}

export interface GeometryFixture {
  cells: {
    lattice: Mat3;
    species: string[];
    frac: Vec3[];
    cutoff: number;
    /** i, j and three image numbers a pair. */
    pairs: number[];
    minimumDistance: number;
    niggli: number[];
  }[];
  parameters: { lengths: Vec3; angles: Vec3; lattice: Mat3 }[];
  formulas: { formula: string; reduced: string; amounts: Record<string, number> }[];
}
export const geometry = loadFixture<GeometryFixture>('geometry.json.gz');

export const ROCKSALT: Crystal = {
  lattice: [
    [0, 2.82, 2.82],
    [2.82, 0, 2.82],
    [2.82, 2.82, 0],
  ],
  species: ['Na', 'Cl'],
  frac: [
    [0, 0, 0],
    [0.5, 0.5, 0.5],
  ],
};
