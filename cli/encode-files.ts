import { accessSync, constants } from 'node:fs';
import { canonicalCell } from '../lib/crystal/canonical-cell.js';
import { formatOf } from '../lib/crystal/io/read.js';
import type { Crystal } from '../schemas/crystal.js';
import { LcomsError } from '../schemas/errors.js';
import { type FileCrystal, readCrystalFiles } from './crystal-files.js';
import type { OpenModel } from './open-model.js';
import type { SeenCheck } from './unseen.js';

/** Crystals that are encoded together: bounds memory whatever the files hold. */
const TOGETHER = 256;

/** A crystal of a file with its latent. */
export interface Encoded {
  file: string;
  index: number;
  /** In the cell that the model sees: primitive and Niggli reduced. */
  crystal: Crystal;
  latent: Float32Array;
}

/** Why a crystal of a file has no latent. */
export interface NotEncoded {
  file: string;
  index: number;
  error: { code: string; message: string };
}

/** Error rows as a person reads them, below a table of the good ones. */
export function failureLines(rows: readonly NotEncoded[]): string {
  return rows.map(({ file, index, error }) => `${file} ${index}: ${error.code}: ${error.message}`).join('\n');
}

/** Some rows in the order of the files, and the share (0 to 1) of all files that is read to their end. */
export interface EncodedBatch {
  rows: (Encoded | NotEncoded)[];
  fraction: number;
}

/**
 * Latents of the crystals of files, a file in memory at a time. A crystal that can't be read, reduced or encoded, or that
 * the model has not seen the like of, becomes an error row; the others go on.
 * @throws LcomsError LCOMS_E_FILE for a file that can't be opened, before anything is done
 */
export async function* encodeFiles(
  files: readonly string[],
  { info, encoder }: OpenModel,
  seen: SeenCheck,
): AsyncGenerator<EncodedBatch> {
  for (const file of files) assertReadable(file);
  const { symprec } = info.encoder.with;
  for (const [f, file] of files.entries()) {
    const all = await readCrystalFiles([file]);
    for (let at = 0; at < all.length; at += TOGETHER) {
      const part = all
        .slice(at, at + TOGETHER)
        .map((row) => prepared(row, typeof symprec === 'number' ? symprec : undefined, seen));
      const good = part.flatMap((row) => ('crystal' in row ? [row.crystal] : []));
      const latents = (await encodeAll(good, encoder)).values();
      const rows = part.map((row): Encoded | NotEncoded => {
        if (!('crystal' in row)) return row;
        const latent = latents.next().value as Float32Array | LcomsError;
        return latent instanceof LcomsError ? notEncoded(row, latent) : { ...row, latent };
      });
      yield { rows, fraction: (f + Math.min(1, (at + part.length) / all.length)) / files.length };
    }
  }
}

function assertReadable(file: string): void {
  formatOf(file);
  try {
    accessSync(file, constants.R_OK);
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    const why = code === 'ENOENT' ? 'no such file' : `it cannot be read (${code})`;
    throw new LcomsError('LCOMS_E_FILE', why, { file, cause });
  }
}

function prepared(
  { file, index, crystal, error }: FileCrystal,
  symprec: number | undefined,
  seen: SeenCheck,
): Omit<Encoded, 'latent'> | NotEncoded {
  if (!crystal) return { file, index, error: error ?? { code: 'LCOMS_E_CRYSTAL', message: 'no crystal' } };
  try {
    const reduced = canonicalCell(crystal, symprec);
    seen.check(reduced.species);
    return { file, index, crystal: reduced };
  } catch (cause) {
    if (cause instanceof LcomsError) return notEncoded({ file, index }, cause);
    throw cause;
  }
}

const notEncoded = ({ file, index }: { file: string; index: number }, { code, message }: LcomsError): NotEncoded => ({
  file,
  index,
  error: { code, message },
});

/** A latent each; when the encoder refuses the batch, one by one, so that only the crystal at fault is lost. */
async function encodeAll(crystals: Crystal[], encoder: OpenModel['encoder']): Promise<(Float32Array | LcomsError)[]> {
  const d = encoder.dimension;
  try {
    const all = await encoder.encode(crystals);
    return crystals.map((_, i) => all.slice(i * d, (i + 1) * d));
  } catch (error) {
    if (!(error instanceof LcomsError)) throw error;
    if (crystals.length <= 1) return [error];
  }
  const out: (Float32Array | LcomsError)[] = [];
  for (const crystal of crystals) out.push(...(await encodeAll([crystal], encoder)));
  return out;
}
