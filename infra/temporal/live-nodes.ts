import type { WorkflowExecutionDescription } from '@temporalio/client';
import { type Progress, progressSchema } from '../../schemas/node.js';

/** A node that has been placed on its queue and is not done. */
export interface LiveNode {
  id: string;
  /** `waiting`: for a free slot, or for its next attempt. */
  state: 'waiting' | 'running';
  /** From 1. */
  attempt: number;
  /** Who has it, or had it last: pid@host of the worker; '' when nobody has. */
  worker?: string;
  /** Newest progress that reached the server, of any attempt. */
  progress: Progress | null;
  /** Why the attempt before failed. */
  lastError: { code: string; message: string } | null;
}

type PendingActivity = NonNullable<WorkflowExecutionDescription['raw']['pendingActivities']>[number];

/** enum PendingActivityState: STARTED, CANCEL_REQUESTED (of an attempt under way). */
const UNDER_WAY = new Set([2, 3]);

/** The nodes behind the pending activities of an `experiment` workflow. */
export function liveNodes(pending: readonly PendingActivity[]): LiveNode[] {
  return pending
    .filter(({ activityType }) => activityType?.name === 'runNode')
    .map(({ activityId, state, attempt, heartbeatDetails, lastFailure, lastWorkerIdentity }) => ({
      id: (activityId ?? '').replace(/#\d+$/, ''),
      state: UNDER_WAY.has(state ?? 0) ? 'running' : 'waiting',
      attempt: attempt ?? 1,
      worker: lastWorkerIdentity ?? '',
      progress: decodeProgress(heartbeatDetails?.payloads?.[0]?.data),
      lastError: lastFailure
        ? {
            code: lastFailure.applicationFailureInfo?.type ?? 'LCOMS_E_COMPUTE_DIED',
            message: lastFailure.message ?? '',
          }
        : null,
    }));
}

function decodeProgress(data: Uint8Array | null | undefined): Progress | null {
  if (!data || data.length === 0) return null;
  try {
    return progressSchema.safeParse(JSON.parse(new TextDecoder().decode(data))).data ?? null;
  } catch {
    return null;
  }
}
