import type { Scorer } from '../../contract/scorer.js';
import { evaluateChgnet } from './evaluate.js';
import { elementReferences } from './references.js';
import { CHGNET_MODELS, type ChgnetModel, chgnetSession, type OnnxRuntime } from './session.js';

/**
 * CHGNet as a scorer. `r2scan` is the judge; its second opinion is `0.3.0`, which was trained on another functional.
 * @throws as `chgnetSession`
 */
export async function chgnetScorer(
  model: ChgnetModel = 'r2scan',
  runtime: OnnxRuntime | 'auto' = 'auto',
): Promise<Scorer> {
  const session = await chgnetSession(model, runtime);
  const identity = { name: 'chgnet', version: model, weights: CHGNET_MODELS[model] };
  return {
    identity,
    elements: session.elements,
    elementReferences: elementReferences(identity),
    evaluate: (crystals) => evaluateChgnet(session, crystals),
    secondOpinion: async () => (model === 'r2scan' ? chgnetScorer('0.3.0', runtime) : null),
    // The session is the process's, not this scorer's.
    dispose: async () => undefined,
  };
}
