import { mkdirSync, renameSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { writeCrystals } from '../lib/crystal/io/write.js';
import type { Crystal } from '../schemas/crystal.js';
import { type InputRow, stemOf } from './crystal-batches.js';
import type { Source } from './crystal-sources.js';

/** The files that relaxed crystals are written to, in a folder that is made. */
export class RelaxedFiles {
  /** Sources of one stem, to tell them apart by number. */
  readonly #alike = new Map<string, string[]>();

  constructor(
    private readonly folder: string,
    sources: readonly Source[],
  ) {
    for (const name of new Set(sources.map((source) => source.name))) {
      this.#alike.set(stemOf(name), [...(this.#alike.get(stemOf(name)) ?? []), name]);
    }
  }

  /**
   * `name.cif` and, of the way there, `trajectories/name.extxyz`, out of the way of whoever reads the folder; with the
   * index where a file holds several. Returns their paths.
   */
  write(row: InputRow, crystal: Crystal, frames: string | null): { out: string; trajectory: string | null } {
    const name = this.#nameOf(row);
    return {
      out: this.#writeWhole(`${name}.cif`, writeCrystals([crystal], 'cif')),
      trajectory: frames === null ? null : this.#writeWhole(path.join('trajectories', `${name}.extxyz`), frames),
    };
  }

  #nameOf({ file, index, alone }: InputRow): string {
    const stem = stemOf(file);
    const number = (this.#alike.get(stem) ?? []).indexOf(file);
    return `${stem}${number > 0 ? `_${number + 1}` : ''}${alone ? '' : `-${index}`}`;
  }

  #writeWhole(name: string, text: string): string {
    const file = path.join(this.folder, name);
    mkdirSync(path.dirname(file), { recursive: true });
    const partial = `${file}.${process.pid}.partial`;
    writeFileSync(partial, text);
    renameSync(partial, file);
    return file;
  }
}
