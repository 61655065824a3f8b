import os from 'node:os';
import type { Client } from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';
import type { ErrorRecord } from '../../schemas/run.js';

/** enum PendingActivityState: an attempt is under way. */
const STARTED = 2;
/** enum PendingActivityState: one is under way that is to end. */
const CANCEL_REQUESTED = 3;

/** How a worker process of this machine is known to the server. */
export function identityOf(pid: number): string {
  return `${pid}@${os.hostname()}`;
}

/**
 * Tells the server that a worker is gone, so that what it had is tried again at once and not after its timeouts. The
 * caller must know that the process has ended. What nobody tells ends by its timeout, so this may fail halfway.
 * @param workflows which ones to look at, a query of open workflows
 * @returns the number of attempts that were given back
 */
export async function giveBackActivities(client: Client, workflows: string, identity: string): Promise<number> {
  let given = 0;
  for await (const { workflowId } of client.workflow.list({ query: `${workflows} AND ExecutionStatus = 'Running'` })) {
    const { raw } = await client.workflow.getHandle(workflowId).describe();
    for (const { activityId, state, lastWorkerIdentity, attempt } of raw.pendingActivities ?? []) {
      if (lastWorkerIdentity !== identity || !activityId) continue;
      const activity = { workflowId, activityId };
      if (state === CANCEL_REQUESTED) await client.activity.reportCancellation(activity);
      else if (state === STARTED) await client.activity.fail(activity, died(identity, attempt ?? 1));
      else continue;
      given += 1;
    }
  }
  return given;
}

function died(identity: string, attempt: number): ApplicationFailure {
  const record: ErrorRecord = { code: 'LCOMS_E_COMPUTE_DIED', message: `the worker ${identity} died` };
  return ApplicationFailure.create({ message: record.message, type: record.code, details: [record, attempt] });
}
