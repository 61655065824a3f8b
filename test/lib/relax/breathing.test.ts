import { expect, it } from 'vitest';
import { volume } from '../../../lib/crystal/lattice.js';
import { minimumDistanceRatio } from '../../../lib/crystal/neighbours.js';
import { STRUCTURE_TYPES } from '../../../lib/prototypes/index.js';
import { crystalOf } from '../../../lib/prototypes/structure-type.js';
import { breathed } from '../../../lib/relax/breathing.js';
import { withVolume } from '../../../lib/relax/cell-coordinates.js';
import { MIN_DISTANCE_RATIO } from '../../../lib/relax/random-start.js';
import { LcomsError } from '../../../schemas/errors.js';
import { lennardJones, lennardJonesMany } from './lennard-jones.js';

const argon = (name: string) => {
  const type = STRUCTURE_TYPES.find((t) => t.name === name);
  if (!type) throw new Error(name);
  const crystal = crystalOf(type);
  return { ...crystal, species: crystal.species.map(() => 'Ar') };
};

it('takes the volume of lowest energy, and changes nothing but the size of the cell', async () => {
  const fcc = argon('fcc');
  // 4 epsilon ((s/r)^12 - (s/r)^6) with sigma 2.6 has its close packing near 2.84 A: a cubic edge of 4.0 A.
  for (const edge of [3.6, 4, 4.6]) {
    const start = withVolume(fcc, edge ** 3 / 4);
    const [found] = await breathed(lennardJonesMany, [start]);
    if (!found) throw new Error('nothing');
    expect(found.frac).toEqual(start.frac);
    expect(lennardJones(found).energy).toBeLessThanOrEqual(lennardJones(start).energy);
    expect(Math.abs(Math.log(volume(found.lattice) / (4 ** 3 / 4)))).toBeLessThan(0.3);
    expect(minimumDistanceRatio(found)).toBeGreaterThanOrEqual(MIN_DISTANCE_RATIO);
  }
});

it('gives each crystal back in its place, unchanged when nothing can be evaluated', async () => {
  const crystals = [argon('fcc'), argon('bcc')];
  const broken = async (many: unknown[]) => many.map(() => new LcomsError('LCOMS_E_INPUT', 'no'));
  expect(await breathed(broken, crystals)).toEqual(crystals);
});
