/** alpha stays in this range: beyond it either term of the loss has no say, and the way back takes hundreds of steps. */
export const ALPHA_RANGE: readonly [number, number] = [1e-4, 1e4];

/**
 * The dual variable alpha >= 0 of `over <= tau`, as exp(log alpha). Each update is a step of Adam (beta 0.9, 0.999) on
 * log alpha down the dual loss alpha (tau - over): alpha grows while over > tau and decays while it is below.
 */
export class DualVariable {
  private logAlpha: number;
  private moment = 0;
  private square = 0;
  private steps = 0;

  constructor(
    initial: number,
    private readonly tau: number,
    private readonly learningRate: number,
  ) {
    this.logAlpha = clampLog(Math.log(initial));
  }

  get alpha(): number {
    return Math.exp(this.logAlpha);
  }

  update(over: number): void {
    const gradient = this.alpha * (this.tau - over);
    this.steps++;
    this.moment = 0.9 * this.moment + 0.1 * gradient;
    this.square = 0.999 * this.square + 0.001 * gradient * gradient;
    const mean = this.moment / (1 - 0.9 ** this.steps);
    const scale = Math.sqrt(this.square / (1 - 0.999 ** this.steps)) + 1e-8;
    this.logAlpha = clampLog(this.logAlpha - (this.learningRate * mean) / scale);
  }

  state(): Record<string, number> {
    const { logAlpha, moment, square, steps } = this;
    return { logAlpha, moment, square, steps };
  }

  restore(state: Record<string, number>): void {
    this.logAlpha = state['logAlpha'] as number;
    this.moment = state['moment'] as number;
    this.square = state['square'] as number;
    this.steps = state['steps'] as number;
  }
}

function clampLog(value: number): number {
  return Math.min(Math.max(value, Math.log(ALPHA_RANGE[0])), Math.log(ALPHA_RANGE[1]));
}
