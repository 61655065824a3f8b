import type { Plugin } from '../../plugins/contract/define-plugin.js';
import { LcomsError } from '../../schemas/errors.js';
import type { PipelineNode } from '../../schemas/experiment.js';
import type { PluginKind } from '../../schemas/plugin.js';
import type { StepContract } from './steps.js';

/** Other plugins that a node calls: a search over structures that is given a surrogate asks that one, not the scorer. */
export function helpersOf(node: PipelineNode, { helpers }: StepContract): readonly PluginKind[] {
  return node.step === 'search' && node.needs['surrogate'] !== undefined ? ['surrogate'] : helpers;
}

/**
 * Checks that a surrogate is given what it predicts from, latents or crystals, where it is trained and where it is asked.
 * @param surrogate the plugin that the node trains or asks
 * @throws LcomsError LCOMS_E_DAG naming the node and what would fit
 */
export function checkSurrogateInput(
  { id, step, needs }: PipelineNode,
  { name, capabilities }: Plugin,
  where: { file: string; path: string },
): void {
  const structure = capabilities.input === 'structure';
  const fail = (what: string, hint: string) =>
    new LcomsError('LCOMS_E_DAG', `node "${id}" (${step}): ${what}`, { ...where, hint });
  const forStructures =
    'A method with `space: structure` and `surrogate: {use: ...}` searches crystals on a surrogate.';
  if (step === 'train-surrogate' && structure && needs['latents'] !== undefined)
    throw fail(
      `surrogate/${name} learns from crystals, not from latents`,
      `${forStructures} In a pipeline of your own, leave out needs.latents.`,
    );
  if (step === 'train-surrogate' && !structure && needs['latents'] === undefined)
    throw fail(
      `surrogate/${name} learns from latents: the input "latents" (latents) is missing`,
      'A search over structures takes a surrogate over crystals, e.g. surrogate/graph-network. In a pipeline of your own, give needs.latents.',
    );
  if (step === 'optimize' && structure)
    throw fail(`it moves latents, and surrogate/${name} predicts from crystals`, forStructures);
  if (step === 'search' && !structure)
    throw fail(
      `it moves crystals, and surrogate/${name} predicts from latents`,
      'Use a surrogate over crystals, e.g. surrogate/graph-network, or none: then the scorer is asked.',
    );
}
