import { LcomsError } from '../../../schemas/errors.js';

/** @throws LcomsError LCOMS_E_INPUT unless there are `dimension` latent numbers for each list of species, none empty */
export function checkRows(latents: Float32Array, species: readonly string[][], dimension: number): void {
  if (latents.length !== species.length * dimension)
    throw new LcomsError(
      'LCOMS_E_INPUT',
      `${species.length} lists of species need ${species.length} x ${dimension} latent numbers, found ${latents.length}`,
    );
  const empty = species.findIndex((s) => s.length === 0);
  if (empty >= 0) throw new LcomsError('LCOMS_E_INPUT', `row ${empty} to decode has no atoms`);
}
