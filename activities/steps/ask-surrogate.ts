import type { Ask, Tell } from '../../plugins/contract/optimizer.js';
import type { SurrogateModel } from '../../plugins/contract/surrogate.js';

/** What the surrogate says of the points that a search asks for, with gradients where it wants them. */
export async function askSurrogate(surrogate: SurrogateModel, { points, gradients: wanted }: Ask): Promise<Tell> {
  if (!wanted) return { values: await surrogate.energies(points) };
  const { energies, gradients } = await surrogate.gradients(points);
  return { values: energies, gradients };
}
