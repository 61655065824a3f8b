import type { PluginContext } from '../../contract/context.js';

/**
 * Progress of sampling by network calls. It is also the sign of life of a decode step: thousands of calls of a large network
 * take longer than the heartbeat timeout.
 */
export class CallProgress {
  private done = 0;

  constructor(
    private readonly total: number,
    private readonly context: Pick<PluginContext, 'tick'>,
  ) {}

  call(): void {
    this.done += 1;
    this.context.tick({ done: this.done, total: this.total, unit: 'network calls' });
  }
}
