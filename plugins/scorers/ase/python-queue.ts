import { setTimeout as sleep } from 'node:timers/promises';
import {
  Client,
  isGrpcServiceError,
  WorkflowExecutionAlreadyStartedError,
  WorkflowFailedError,
  type WorkflowHandle,
} from '@temporalio/client';
import { ApplicationFailure, CancelledFailure, TerminatedFailure } from '@temporalio/common';
import type { TemporalAddress } from '../../../lib/temporal/address.js';
import { callServer, openConnection } from '../../../lib/temporal/connection.js';
import { ERROR_CATALOGUE, type ErrorCode, LcomsError } from '../../../schemas/errors.js';
import type { EvaluateRequest } from '../../../schemas/remote-score.js';

/** Milliseconds between two looks at whether the worker is still there. */
const LOOK = 3_000;
/** A worker asks for tasks at least once a minute; one that has not for this many milliseconds is gone. */
const GONE = 90_000;
/** enum TaskQueueType: workflow tasks, which a worker asks for also while it calculates. */
const WORKFLOW_TASKS = 1;

/** Called with the number of finished structures while a batch is under way and its worker is there. */
type OnAlive = (done: number) => void;

/** The Python worker behind its task queue. */
export class PythonQueue {
  private constructor(
    private readonly client: Client,
    private readonly server: TemporalAddress,
    private readonly queue: string,
  ) {}

  /** @throws LcomsError LCOMS_E_NO_WORKER when nobody asks for tasks of the queue, LCOMS_E_TEMPORAL. */
  static async open(server: TemporalAddress | null, queue: string): Promise<PythonQueue> {
    if (server === null) {
      throw new LcomsError(
        'LCOMS_E_NO_WORKER',
        `there is no Python worker on the queue ${queue}: TEMPORAL_ADDRESS is not set, and the embedded server is not up`,
      );
    }
    const client = new Client({ connection: openConnection(server), namespace: server.namespace });
    const python = new PythonQueue(client, server, queue);
    try {
      await python.#requireWorker();
      return python;
    } catch (error) {
      await python.close();
      throw error;
    }
  }

  /** What the worker says of a calculator. The reply is not checked. */
  async describe(calculator: string, signal: AbortSignal): Promise<unknown> {
    // A new question each time: the answer may change with the worker.
    const id = `lcoms-describe-${calculator}-${process.pid}-${Date.now()}`;
    return await this.#run('describe_calculator', id, { calculator }, signal, () => undefined);
  }

  /** Results of a batch, newly made or remembered by the server under its id. The reply is not checked. */
  async evaluate(id: string, request: EvaluateRequest, signal: AbortSignal, onAlive: OnAlive): Promise<unknown> {
    return await this.#run('evaluate_crystals', id, request, signal, (pending) =>
      onAlive(request.crystals.length - pending),
    );
  }

  async close(): Promise<void> {
    await this.client.connection.close();
  }

  async #run(
    workflow: string,
    workflowId: string,
    request: unknown,
    signal: AbortSignal,
    onAlive: (pending: number) => void,
  ): Promise<unknown> {
    for (;;) {
      signal.throwIfAborted();
      const handle = await this.#start(workflow, workflowId, request);
      try {
        return await this.#result(handle, signal, onAlive);
      } catch (error) {
        if (signal.aborted) {
          await handle.cancel().catch(() => undefined);
          throw signal.reason;
        }
        if (!(error instanceof WorkflowFailedError)) throw error;
        // Someone else who had asked the same question gave it up: ask again.
        if (error.cause instanceof CancelledFailure || error.cause instanceof TerminatedFailure) continue;
        return answerOf(error);
      }
    }
  }

  async #start(workflow: string, workflowId: string, request: unknown): Promise<WorkflowHandle> {
    await callServer(
      this.server.address,
      () =>
        this.client.workflow.start(workflow, {
          workflowId,
          taskQueue: this.queue,
          args: [request],
          workflowIdConflictPolicy: 'USE_EXISTING',
          workflowIdReusePolicy: 'ALLOW_DUPLICATE_FAILED_ONLY',
        }),
      [WorkflowExecutionAlreadyStartedError],
    ).catch((error: unknown) => {
      if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
    });
    return this.client.workflow.getHandle(workflowId);
  }

  /** Waits for the end, also while the server is away for a moment, as long as a worker is there. */
  async #result(handle: WorkflowHandle, signal: AbortSignal, onAlive: (pending: number) => void): Promise<unknown> {
    const waiting = new AbortController();
    const wait = () =>
      this.client
        .withAbortSignal(waiting.signal, () => handle.result())
        .then(
          (value: unknown) => ({ value }),
          (error: unknown) => ({ error }),
        );
    try {
      let answer = wait();
      for (;;) {
        const first = await Promise.race([answer, sleep(LOOK, null, { signal })]);
        if (first !== null && 'value' in first) return first.value;
        if (first !== null) {
          if (!isGrpcServiceError(first.error) && !isGrpcServiceError((first.error as Error).cause)) throw first.error;
          answer = wait();
        }
        await this.#requireWorker();
        const { raw } = await callServer(this.server.address, () => handle.describe());
        onAlive(raw.pendingActivities?.length ?? 0);
      }
    } finally {
      waiting.abort();
    }
  }

  async #requireWorker(): Promise<void> {
    const { namespace, address } = this.server;
    const { pollers } = await callServer(address, () =>
      this.client.workflowService.describeTaskQueue({
        namespace,
        taskQueue: { name: this.queue },
        taskQueueType: WORKFLOW_TASKS,
      }),
    );
    const seen = (pollers ?? []).map(({ lastAccessTime }) => Number(lastAccessTime?.seconds ?? 0) * 1_000);
    if (seen.some((time) => Date.now() - time < GONE)) return;
    throw new LcomsError(
      'LCOMS_E_NO_WORKER',
      seen.length === 0
        ? `there is no Python worker on the queue ${this.queue} of the Temporal server at ${address}`
        : `the Python worker on the queue ${this.queue} is gone`,
    );
  }
}

/** The results that a batch with lost structures carries; throws the error of any other failure. */
function answerOf(failure: WorkflowFailedError): unknown {
  let cause: Error = failure;
  for (;;) {
    if (cause instanceof ApplicationFailure && cause.type === 'LOST') return cause.details?.[0];
    if (cause instanceof ApplicationFailure && cause.type && Object.hasOwn(ERROR_CATALOGUE, cause.type)) {
      throw new LcomsError(cause.type as ErrorCode, cause.message);
    }
    if (!(cause.cause instanceof Error)) break;
    cause = cause.cause;
  }
  throw new LcomsError('LCOMS_E_INTERNAL', `the Python worker failed: ${cause.message}`, { cause });
}
