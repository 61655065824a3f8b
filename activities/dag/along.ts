import type { Method, PluginSlot } from '../../schemas/experiment.js';

/**
 * The methods that one of a spec stands for: itself, or with `along` one for each number of steps, rising: a shorter
 * descent is the beginning of a longer one, but is decoded and judged on its own.
 */
export function branchesOf(method: Method, optimizer: PluginSlot): Method[] {
  const { along, ...plain } = method;
  if (along === undefined) return [method];
  const { use, with: given } = method.optimizer ?? optimizer;
  return [...along]
    .sort((a, b) => a - b)
    .map((steps) => ({ ...plain, name: branchName(method, steps), optimizer: { use, with: { ...given, steps } } }));
}

/** NAME-STEPS, with as many digits as the largest number has, two at least. */
function branchName({ name, along = [] }: Method, steps: number): string {
  const digits = Math.max(2, String(Math.max(...along)).length);
  return `${name}-${String(steps).padStart(digits, '0')}`;
}
