import type { Remaining } from './estimate.js';
import { LiveView } from './live-view.js';
import type { Output } from './output.js';
import { PlainView } from './plain-view.js';
import type { NodeGroup, Snapshot } from './progress.js';

/** Shows a run while it goes on. */
export interface RunView {
  /** `left`: null before anything was heard. */
  update(snapshot: Snapshot, elapsed: number, left: Remaining | null): void;
  /** A line that stays, e.g. a second attempt. */
  note(line: string): void;
  /** Leaves the last state on the screen. */
  end(): void;
}

/** Drawn in place on a terminal; lines that a log can hold elsewhere. */
export function openView(output: Output, title: string, groups: readonly NodeGroup[], withWorkers = false): RunView {
  return output.interactive
    ? new LiveView(output, title, groups, withWorkers)
    : new PlainView(output, groups, withWorkers);
}
