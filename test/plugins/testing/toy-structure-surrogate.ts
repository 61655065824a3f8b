import { z } from 'zod';
import { definePlugin, type Plugin } from '../../../plugins/contract/define-plugin.js';
import type { StructureModel } from '../../../plugins/contract/surrogate.js';
import { LcomsError } from '../../../schemas/errors.js';
import { ELEMENTS, judge } from './toy-scorer.js';
import { type Faults, toyTrain } from './toy-training.js';

let loads = 0;

/** A surrogate over crystals that predicts what the toy scorer says. */
export function toyStructureSurrogate(faults: Faults): Plugin {
  return definePlugin({
    apiVersion: 1,
    kind: 'surrogate',
    name: 'toy',
    version: '1.0.0',
    cacheVersion: 1,
    summary: 'toy',
    cite: [],
    capabilities: { input: 'structure' },
    options: z.strictObject({}),
    create: (_options, context) => ({
      // A plugin in plain JavaScript may say one thing at plan time and another here.
      input: (faults.has('takes latents') ? 'latent' : 'structure') as 'structure',
      train: (data) => toyTrain(context, data.train, faults),
      load: async (blobs) => {
        if (faults.has('writes to its blobs')) blobs.get('weight')?.fill(0);
        return model(faults, faults.has('loads differently') ? ++loads : 0);
      },
    }),
  });
}

function model(faults: Faults, shift: number): StructureModel {
  return {
    elements: ELEMENTS,
    energies: async (crystals) => {
      const mixed = faults.has('mixes crystals') ? crystals.length : 0;
      return Float64Array.from(crystals, (crystal) => {
        const found = judge(crystal, faults);
        if (found instanceof LcomsError) throw found;
        return found.energy / crystal.species.length + shift + mixed;
      });
    },
    evaluate: async (crystals) =>
      crystals.map((crystal) => {
        const found = judge(crystal, faults);
        if (!(found instanceof LcomsError) && faults.has('has energies of another scale')) found.energy *= 2;
        return found;
      }),
    dispose: () => undefined,
  };
}
