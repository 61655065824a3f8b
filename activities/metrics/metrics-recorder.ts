import type { ObjectStore } from '../../lib/artifacts/object-store.js';
import type { AttemptEnd, MetricsLine } from '../../schemas/metrics.js';
import type { ErrorRecord } from '../../schemas/run.js';
import { metricsKey, nodeMetricsPrefix, partOfKey } from './layout.js';

/** Milliseconds between two writes of metrics that no checkpoint and no end forces: what a kill may lose of them. */
const FLUSH_INTERVAL = 1_000;

/** A store replaces objects, it can't append: a part that has grown to this is left alone and another one is begun. */
const PART_BYTES = 65_536;

/**
 * Records what one attempt at a node reports, as JSON lines in the store. Metrics are written before the checkpoint that
 * follows them, so that a later attempt that goes on from it knows what had been logged by then. A store that refuses
 * metrics stops no training: `onWarning` is told once.
 */
export class MetricsRecorder {
  #attempt: number | null = null;
  #part = 0;
  #lines: string[] = [];
  #bytes = 0;
  #unwritten = 0;
  #sinceMark = 0;
  #resumedFrom: number | null = null;
  #flushedAt = Number.NEGATIVE_INFINITY;
  #writing: Promise<void> = Promise.resolve();
  #warned = false;
  readonly #startedAt = new Date().toISOString();

  constructor(
    private readonly store: ObjectStore,
    private readonly runId: string,
    private readonly nodeId: string,
    private readonly onWarning: (message: string) => void,
  ) {}

  /** The attempt goes on from a checkpoint at this step. */
  resumed(step: number): void {
    this.#resumedFrom = step;
  }

  report(row: { step: number } & Record<string, number>): void {
    const metrics = Object.fromEntries(
      Object.entries(row).map(([name, value]) => [name, Number.isFinite(value) ? value : null]),
    ) as { step: number };
    this.#add({ metrics });
    this.#sinceMark += 1;
    if (performance.now() - this.#flushedAt >= FLUSH_INTERVAL) void this.#flush();
  }

  /** Call it before a checkpoint at `step` is saved. */
  async beforeCheckpoint(step: number): Promise<void> {
    if (this.#sinceMark === 0) return;
    this.#add({ checkpoint: step });
    this.#sinceMark = 0;
    await this.#flush();
  }

  /** Nothing is written of an attempt that reported nothing and did not fail. */
  async end(state: AttemptEnd['state'], error: ErrorRecord | null): Promise<void> {
    if (state !== 'failed' && this.#attempt === null && this.#lines.length === 0) return;
    this.#add({ end: { state, at: new Date().toISOString(), error } });
    await this.#flush();
  }

  #add(line: MetricsLine): void {
    const text = `${JSON.stringify(line)}\n`;
    this.#lines.push(text);
    this.#bytes += text.length;
    this.#unwritten += 1;
  }

  #flush(): Promise<void> {
    this.#flushedAt = performance.now();
    this.#writing = this.#writing.then(() => this.#write()).catch((error: unknown) => this.#warn(error));
    return this.#writing;
  }

  async #write(): Promise<void> {
    if (this.#unwritten === 0) return;
    this.#attempt ??= await this.#claim();
    this.#unwritten = 0;
    const full = this.#bytes >= PART_BYTES;
    const part = this.#part;
    const text = this.#lines.join('');
    if (full) {
      this.#part += 1;
      this.#lines = [];
      this.#bytes = 0;
    }
    await this.store.put(metricsKey(this.runId, this.nodeId, this.#attempt, part), Buffer.from(text));
  }

  /** Takes the next number that no attempt has: one that was thought dead may still be writing under its own. */
  async #claim(): Promise<number> {
    let last = 0;
    for await (const { key } of this.store.list(nodeMetricsPrefix(this.runId, this.nodeId)))
      last = Math.max(last, partOfKey(key)?.attempt ?? 0);
    for (let attempt = last + 1; ; attempt++) {
      const header = { node: this.nodeId, attempt, startedAt: this.#startedAt, resumedFrom: this.#resumedFrom };
      const line = `${JSON.stringify({ header } satisfies MetricsLine)}\n`;
      const key = metricsKey(this.runId, this.nodeId, attempt, 0);
      if ((await this.store.putIfAbsent(key, Buffer.from(line))) !== 'created') continue;
      this.#lines.unshift(line);
      return attempt;
    }
  }

  #warn(error: unknown): void {
    if (this.#warned) return;
    this.#warned = true;
    this.onWarning(`metrics could not be recorded: ${error instanceof Error ? error.message : String(error)}`);
  }
}
