import type { EvaluateMany } from '../../lib/scoring/evaluation.js';
import type { StructureModel } from '../../plugins/contract/surrogate.js';
import type { Crystal } from '../../schemas/crystal.js';
import { LcomsError } from '../../schemas/errors.js';
import type { StepContext } from './context.js';
import { loadStructureModel } from './models.js';
import { openScorer } from './scoring.js';

/** What a search over structures asks for energies: the surrogate that the node is given, else the scorer. */
export async function openObjective(
  context: StepContext,
  { formula, relaxSteps }: { formula: string; relaxSteps: number },
): Promise<{ evaluate: EvaluateMany }> {
  if (context.node.helpers['surrogate'] === undefined) return await openScorer(context, context.node.helpers['scorer']);
  const model = await loadStructureModel(context, 'surrogate');
  const evaluate = relaxSteps === 0 ? energiesAlone(model) : withForces(context, model);
  return {
    evaluate: async (crystals) => {
      refuseUnseen(model, formula, crystals);
      return await evaluate(crystals);
    },
  };
}

/** Without the forces and stress that nobody reads. */
const energiesAlone =
  (model: StructureModel): EvaluateMany =>
  async (crystals) => {
    const energies = await model.energies(crystals);
    return crystals.map(({ species }, i) => ({
      energy: (energies[i] as number) * species.length,
      forces: new Float64Array(3 * species.length).fill(Number.NaN),
      stress: new Float64Array(9).fill(Number.NaN),
    }));
  };

function withForces({ node }: StepContext, model: StructureModel): EvaluateMany {
  if (model.evaluate) return model.evaluate.bind(model);
  throw new LcomsError('LCOMS_E_PLUGIN_INVALID', `${node.helpers.surrogate?.id} gives no forces to relax by`, {
    path: 'steps.search.relaxSteps',
    hint: 'Set relaxSteps to 0, or use another surrogate.',
  });
}

/** All crystals of a search have the same elements: what the model has not seen it will not see later. */
function refuseUnseen(model: StructureModel, formula: string, [first]: readonly Crystal[]): void {
  const unseen = [...new Set(first?.species)].filter((e) => !model.elements.has(e));
  if (unseen.length === 0) return;
  throw new LcomsError(
    'LCOMS_E_ELEMENT_UNKNOWN',
    `the surrogate has not seen ${unseen.join(', ')} (in ${formula}) in training; it has seen ${[...model.elements].join(' ')}`,
    { hint: 'Train on data with these elements, or search on the scorer: a method without `surrogate`.' },
  );
}
