import type { Optimizer } from '../../plugins/contract/optimizer.js';
import { latentGradient } from '../../plugins/optimizers/latent-gradient/index.js';
import { testContext } from '../../plugins/testing/test-context.js';

/**
 * The optimizer of predictions: gradient descent of 50 steps that ends where it would leave the training latents; of 10
 * steps for a model without them, which nothing else would hold back.
 * @param rows training latents that the model has
 */
export async function latentDescent(rows: number): Promise<Optimizer> {
  const options = latentGradient.options.parse(rows > 1 ? { steps: 50, stop: 'distance' } : { steps: 10 });
  return await latentGradient.create(options, testContext());
}
