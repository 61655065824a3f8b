/** What is left of the learning rate at the end. */
const FINAL_SHARE = 0.02;

/** Learning rate of batch `step` of `steps`: a linear rise over `warmupSteps`, then half a cosine down to a fiftieth. */
export function learningRateAt(
  step: number,
  steps: number,
  { learningRate, warmupSteps }: { learningRate: number; warmupSteps: number },
): number {
  const rise = Math.min(warmupSteps, Math.floor(steps / 10));
  if (step < rise) return (learningRate * (step + 1)) / rise;
  const progress = (step - rise) / Math.max(1, steps - rise);
  return learningRate * (FINAL_SHARE + (1 - FINAL_SHARE) * 0.5 * (1 + Math.cos(Math.PI * progress)));
}
