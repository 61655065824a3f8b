import { LcomsError } from '../schemas/errors.js';
import { type Usage, usageOf } from './compute/starvation.js';

/** A silent process that lacks the processor is excused for so many timeouts at most. */
const EXCUSED = 10;
/** Looks at a silent process within a timeout. */
const LOOKS = 4;

/**
 * Aborts with LCOMS_E_COMPUTE_DIED when nothing was heard for `timeout` milliseconds (never when undefined or 0). On a
 * loaded machine a process may be silent because it hardly gets the processor, above all while it starts: as long as
 * one wants to run and has had less than `timeout` of processor time since it was heard, it is starved and not hung.
 */
export class SilenceWatch {
  readonly #abort = new AbortController();
  #timer: NodeJS.Timeout | undefined;
  #pid: number | undefined;
  #heard = performance.now();
  #excused = this.#heard;
  #usage: Usage | null = null;

  /** @param onExcused called for a silent process that is starved: nobody else should take it for dead */
  constructor(
    private readonly nodeId: string,
    private readonly timeout: number | undefined,
    private readonly onExcused: () => void,
  ) {
    this.reset();
  }

  get signal(): AbortSignal {
    return this.#abort.signal;
  }

  /** The process that is listened to. */
  watch(pid: number | undefined): void {
    this.#pid = pid;
    this.reset();
  }

  reset(): void {
    clearTimeout(this.#timer);
    if (!this.timeout) return;
    this.#heard = this.#excused = performance.now();
    this.#usage = usageOf(this.#pid);
    this.#arm(this.timeout / LOOKS);
  }

  stop(): void {
    clearTimeout(this.#timer);
  }

  #arm(wait: number): void {
    this.#timer = setTimeout(() => this.#look(), wait);
  }

  #look(): void {
    const timeout = this.timeout as number;
    const now = performance.now();
    if (this.#isStarved(now)) {
      this.#excused = now;
      this.onExcused();
    }
    const left = this.#excused + timeout - now;
    if (left > 0) return this.#arm(Math.min(left, timeout / LOOKS));
    const seconds = Math.round((now - this.#heard) / 100) / 10;
    const message = `the compute process of node ${this.nodeId} gave no sign of life for ${seconds} s and was ended`;
    this.#abort.abort(new LcomsError('LCOMS_E_COMPUTE_DIED', message));
  }

  #isStarved(now: number): boolean {
    const timeout = this.timeout as number;
    const usage = usageOf(this.#pid);
    if (usage === null || !usage.wants || now - this.#heard > EXCUSED * timeout) return false;
    return usage.cpu - (this.#usage?.cpu ?? 0) < timeout;
  }
}
