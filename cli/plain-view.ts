import { type Remaining, remainingText } from './estimate.js';
import { duration, type Output } from './output.js';
import {
  attemptText,
  countText,
  type GroupProgress,
  metricsText,
  type NodeGroup,
  progressOf,
  type Snapshot,
} from './progress.js';
import type { RunView } from './run-view.js';

/** Seconds between two lines of one node that goes on. */
const PROGRESS_INTERVAL = 10;
/** Seconds between two lines of one fan-out. */
const FAN_OUT_INTERVAL = 5;

interface Shown {
  done: number;
  quarter: number;
  at: number;
  ended: boolean;
}

/** A line a node that ends, a few a fan-out, one every ten seconds for a node that takes long: for logs and pipes. */
export class PlainView implements RunView {
  readonly #shown = new Map<string, Shown>();
  readonly #notRun: string[] = [];

  constructor(
    private readonly output: Output,
    private readonly groups: readonly NodeGroup[],
    private readonly withWorkers = false,
  ) {}

  update(snapshot: Snapshot, elapsed: number, left: Remaining | null): void {
    for (const group of progressOf(this.groups, snapshot)) {
      const before = this.#shown.get(group.id) ?? { done: 0, quarter: 0, at: elapsed, ended: false };
      this.#shown.set(group.id, before);
      if (before.ended) continue;
      const line = this.#lineOf(group, before, elapsed, left);
      if (line === null) continue;
      before.at = elapsed;
      before.done = group.done;
      this.#print(elapsed, line);
    }
  }

  note(line: string): void {
    this.output.say(line);
  }

  end(): void {
    if (this.#notRun.length > 0) this.output.say(`not run: ${this.#notRun.join(', ')}`);
  }

  #lineOf(group: GroupProgress, before: Shown, elapsed: number, left: Remaining | null): string | null {
    const { id, total, done, cached, failed, cancelled, running, stale, attempt, seconds, progress } = group;
    const count = total === 1 ? '' : ` ${done}/${total}`;
    if (done + failed + cancelled === total) {
      before.ended = true;
      if (failed > 0) return `${id} failed${total === 1 ? '' : ` (${failed} of ${total})`}`;
      if (cancelled > 0) {
        this.#notRun.push(id);
        return null;
      }
      if (cached === total) return `${id}${count} cached`;
      return `${id}${count} done in ${duration(seconds)}${cached > 0 ? `, ${cached} cached` : ''}`;
    }
    if (total > 1) {
      const quarter = Math.floor((4 * done) / total);
      const due = elapsed - before.at >= FAN_OUT_INTERVAL && done > before.done;
      if (quarter === before.quarter && !due) return null;
      before.quarter = quarter;
      return `${id}${count}${leftText(left)}`;
    }
    if (running + stale === 0 || elapsed - before.at < PROGRESS_INTERVAL) return null;
    if (running === 0) return `${id} stale: its worker was lost; waiting for another (attempt ${attempt})`;
    const facts = [countText(progress), metricsText(progress), attemptText(group, this.withWorkers)].filter(
      (fact) => fact !== '',
    );
    return `${id} ${facts.length > 0 ? facts.join('  ') : 'is under way'}${leftText(left)}`;
  }

  #print(elapsed: number, line: string): void {
    this.output.say(`[${duration(elapsed).padStart(8)}] ${line}`);
  }
}

function leftText(left: Remaining | null): string {
  const text = remainingText(left);
  return text === '' ? '' : `, ${text} in all`;
}
