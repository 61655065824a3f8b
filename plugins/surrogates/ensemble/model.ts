import type { Composition } from '../../../schemas/crystal.js';
import { forCompound, type SurrogateModel } from '../../contract/surrogate.js';
import { loadEnergyModel } from '../mlp/model.js';
import { WEIGHTS_FILE } from '../mlp/weights-file.js';
import { memberFile } from './member-context.js';
import { pessimisticEnergies, pessimisticGradients } from './pessimism.js';

/**
 * The trained ensemble, from the blobs of its training: mean + beta x standard deviation of its members.
 * @throws LcomsError LCOMS_E_ARTIFACT_CORRUPT when a member is missing
 */
export function loadEnsemble(
  blobs: ReadonlyMap<string, Uint8Array>,
  { members, beta }: { members: number; beta: number },
): SurrogateModel {
  const models = Array.from({ length: members }, (_, k) => {
    const bytes = blobs.get(memberFile(k));
    return loadEnergyModel(new Map(bytes ? [[WEIGHTS_FILE, bytes]] : []));
  });
  return pessimistic(models, beta, () => {
    for (const model of models) model.dispose();
  });
}

function pessimistic(models: readonly SurrogateModel[], beta: number, dispose: () => void): SurrogateModel {
  const { dimension, scale, forComposition } = models[0] as SurrogateModel;
  return {
    dimension,
    scale,
    async energies(z) {
      const each: Float32Array[] = [];
      for (const model of models) each.push(await model.energies(z));
      return pessimisticEnergies(each, beta);
    },
    async gradients(z) {
      const each: { energies: Float32Array; gradients: Float32Array }[] = [];
      for (const model of models) each.push(await model.gradients(z));
      return {
        energies: pessimisticEnergies(
          each.map(({ energies }) => energies),
          beta,
        ),
        gradients: pessimisticGradients(each, beta),
      };
    },
    ...(forComposition && {
      forComposition: (unit: Composition) =>
        pessimistic(
          models.map((model) => forCompound(model, unit)),
          beta,
          () => undefined,
        ),
    }),
    dispose,
  };
}
