import type { PaperOptions } from './options.js';

/** State of the learning rate, plain data for checkpoints. */
export interface Plateau {
  learningRate: number;
  /** Lowest loss so far; null before the first. */
  best: number | null;
  /** Looks since then. */
  bad: number;
}

/** A loss must be lower by this share to count, as in torch.optim.lr_scheduler.ReduceLROnPlateau. */
const THRESHOLD = 1e-4;

export const startPlateau = ({ learningRate }: Pick<PaperOptions, 'learningRate'>): Plateau => ({
  learningRate,
  best: null,
  bad: 0,
});

/** ReduceLROnPlateau of PyTorch (mode min, relative threshold, no cool-down): the state after a look at the loss. */
export function lookAtLoss(
  { learningRate, best, bad }: Plateau,
  loss: number,
  options: Pick<PaperOptions, 'plateauFactor' | 'plateauPatience' | 'minLearningRate'>,
): Plateau {
  if (best === null || loss < best - Math.abs(best) * THRESHOLD) return { learningRate, best: loss, bad: 0 };
  if (bad + 1 <= options.plateauPatience) return { learningRate, best, bad: bad + 1 };
  const reduced = Math.max(learningRate * options.plateauFactor, options.minLearningRate);
  return { learningRate: reduced, best, bad: 0 };
}
