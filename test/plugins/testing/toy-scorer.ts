import { z } from 'zod';
import { inverse, rowTimes, volume } from '../../../lib/crystal/lattice.js';
import { type Evaluation, GPA_PER_EV_A3 } from '../../../lib/scoring/evaluation.js';
import { definePlugin, type Plugin } from '../../../plugins/contract/define-plugin.js';
import type { Scorer } from '../../../plugins/contract/scorer.js';
import type { Crystal, Vec3 } from '../../../schemas/crystal.js';
import { LcomsError } from '../../../schemas/errors.js';
import type { Faults } from './toy-training.js';

export const ELEMENTS = new Set(['Li', 'F', 'Na', 'Cl', 'Mg', 'O']);
/** Width of the Gaussian repulsion, A: nothing is left of it within three cells. */
const WIDTH = 1.2;

let evaluations = 0;

/** Gaussian repulsion between all atoms and images, with its exact forces and stress. */
export function toyScorer(faults: Faults): Plugin {
  return definePlugin({
    apiVersion: 1,
    kind: 'scorer',
    name: 'toy',
    version: '1.0.0',
    cacheVersion: 1,
    summary: 'toy',
    cite: [],
    capabilities: { testOnly: true },
    options: z.strictObject({}),
    create: () => scorer(faults),
  });
}

function scorer(faults: Faults): Scorer {
  const self: Scorer = {
    identity: { name: 'toy', version: '1', weights: faults.has('has a bad identity') ? 'none' : null },
    elements: ELEMENTS,
    elementReferences: null,
    evaluate: async (crystals) => crystals.map((crystal) => judge(crystal, faults)),
    secondOpinion: async () =>
      faults.has('judges itself') ? self : { ...self, identity: { name: 'toy', version: '2', weights: null } },
    dispose: async () => {
      if (faults.has('cannot be disposed of')) throw new Error('still in use');
    },
  };
  return self;
}

export function judge(crystal: Crystal, faults: Faults): Evaluation | LcomsError {
  const stranger = crystal.species.find((e) => !ELEMENTS.has(e));
  if (stranger !== undefined && !faults.has('scores anything')) {
    return new LcomsError('LCOMS_E_ELEMENT_UNKNOWN', `no parameters for ${stranger}`);
  }
  const found = repulsion(crystal);
  if (faults.has('scores NaN')) found.energy = Number.NaN;
  if (faults.has('sees the origin')) found.energy += (crystal.frac[0] as Vec3)[0];
  if (faults.has('sees the order')) found.energy += crystal.species[0] === 'Li' ? 1 : 0;
  if (faults.has('forgets to scale')) found.energy /= crystal.species.length;
  if (faults.has('scores by chance')) found.energy += 1e-9 * ++evaluations;
  if (faults.has('has forces of the wrong sign')) found.forces = found.forces.map((f) => -f);
  if (faults.has('has stress in eV/A^3')) found.stress = found.stress.map((s) => s / GPA_PER_EV_A3);
  return found;
}

function repulsion({ lattice, frac, species }: Crystal): Evaluation {
  inverse(lattice);
  const found = { energy: 0, forces: new Float64Array(3 * species.length), stress: new Float64Array(9) };
  const images = [-4, -3, -2, -1, 0, 1, 2, 3, 4];
  frac.forEach((a, i) => {
    for (const b of frac) {
      for (const u of images) {
        for (const v of images) {
          for (const w of images) {
            const r = rowTimes([b[0] - a[0] + u, b[1] - a[1] + v, b[2] - a[2] + w], lattice);
            const pair = Math.exp(-(r[0] ** 2 + r[1] ** 2 + r[2] ** 2) / (2 * WIDTH ** 2));
            found.energy += pair / 2;
            for (let p = 0; p < 3; p++) {
              const slope = (-pair * (r[p] as number)) / WIDTH ** 2;
              found.forces[3 * i + p] = (found.forces[3 * i + p] as number) + slope;
              for (let q = 0; q < 3; q++) {
                const virial = (slope * (r[q] as number) * GPA_PER_EV_A3) / (2 * volume(lattice));
                found.stress[3 * p + q] = (found.stress[3 * p + q] as number) + virial;
              }
            }
          }
        }
      }
    }
  });
  return found;
}
