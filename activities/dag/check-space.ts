import type { Plugin } from '../../plugins/contract/define-plugin.js';
import type { PluginRegistry } from '../../plugins/registry.js';
import { LcomsError } from '../../schemas/errors.js';
import type { Step } from '../../schemas/experiment.js';

/** Spaces that the steps with an optimizer search. */
const SPACES: Partial<Record<Step, 'latent' | 'structure'>> = { optimize: 'latent', search: 'structure' };

/**
 * @param registry says which optimizers would do
 * @throws LcomsError LCOMS_E_SPEC for an optimizer that does not work in the step's space, or wants a gradient there is not
 */
export function checkSpace(
  step: Step,
  { name, capabilities }: Plugin,
  registry: PluginRegistry,
  where: { file: string; path: string },
): void {
  const space = SPACES[step];
  if (space === undefined) return;
  const { spaces, gradients } = capabilities;
  const fail = (what: string) =>
    new LcomsError('LCOMS_E_SPEC', `optimizer/${name} ${what}`, {
      ...where,
      hint: `Optimizers that search ${space}s: ${others(registry, space).join(', ')}.`,
    });
  if (spaces && !spaces.includes(space)) throw fail(`searches ${spaces.join(' and ')} spaces, not ${space}s`);
  if (space === 'structure' && gradients) throw fail('needs gradients, which a search over structures does not give');
}

/** Ids of the optimizers that work in a space. */
function others(registry: PluginRegistry, space: 'latent' | 'structure'): string[] {
  return registry
    .list()
    .filter(({ kind }) => kind === 'optimizer')
    .map(({ id }) => registry.find(id))
    .filter(({ capabilities: { spaces = ['latent', 'structure'], gradients } }) => {
      return spaces.includes(space) && !(space === 'structure' && gradients);
    })
    .map((plugin) => `optimizer/${plugin.name}`);
}
