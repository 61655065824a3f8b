import { LcomsError } from '../../schemas/errors.js';

/** How often checkpoints are written, whatever a training's own options say. They never alter its result. */
export interface PaceSettings {
  /** Least time between two, seconds; 0: after every step. Default: the training's own option. */
  seconds?: number;
  /** Steps (batches, evaluations) after which one is written though the time is not over. Default: none. */
  steps?: number;
  /** How many of the newest are kept, beside the best. Default 2. */
  keep: number;
}

/** A checkpoint that took c seconds is followed by 33 c of work at least, so that all of them cost under 3 %. */
const LEAST_WORK = 33;

/** LCOMS_CHECKPOINT_SECONDS, LCOMS_CHECKPOINT_STEPS and LCOMS_CHECKPOINT_KEEP. Throws LCOMS_E_CONFIG for what is no such number. */
export function paceSettings(env: Readonly<Record<string, string | undefined>>): PaceSettings {
  const read = (name: string, least: number, whole: boolean): number | undefined => {
    const text = env[name];
    if (text === undefined || text === '') return undefined;
    const value = Number(text);
    if (Number.isFinite(value) && value >= least && (!whole || Number.isInteger(value))) return value;
    throw new LcomsError('LCOMS_E_CONFIG', `${name} is "${text}"`, {
      hint: `Give a ${whole ? 'whole ' : ''}number, ${least} or more, or unset it.`,
    });
  };
  const seconds = read('LCOMS_CHECKPOINT_SECONDS', 0, false);
  const steps = read('LCOMS_CHECKPOINT_STEPS', 1, true);
  return {
    ...(seconds === undefined ? {} : { seconds }),
    ...(steps === undefined ? {} : { steps }),
    keep: read('LCOMS_CHECKPOINT_KEEP', 1, true) ?? 2,
  };
}

/** Says when the next checkpoint is due: by steps or seconds, whichever comes first. */
export class CheckpointPace {
  #savedAt: number;
  #savedStep: number | null = null;
  #cost = 0;

  /** @param now clock, ms */
  constructor(
    private readonly settings: Omit<PaceSettings, 'keep'>,
    private readonly now: () => number = () => performance.now(),
  ) {
    this.#savedAt = now();
  }

  /** @param seconds the training's own least time between checkpoints, where the settings give none */
  due(step: number, seconds: number): boolean {
    this.#savedStep ??= step - 1;
    if (step - this.#savedStep >= (this.settings.steps ?? Number.POSITIVE_INFINITY)) return true;
    const least = this.settings.seconds ?? seconds;
    const patience = least === 0 ? 0 : Math.max(1000 * least, LEAST_WORK * this.#cost);
    return this.now() - this.#savedAt >= patience;
  }

  /** @param cost how long the checkpoint took, ms */
  saved(step: number, cost: number): void {
    this.#savedStep = step;
    this.#savedAt = this.now();
    this.#cost = cost;
  }
}
