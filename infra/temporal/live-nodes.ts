import type { WorkflowExecutionDescription } from '@temporalio/client';
import { type Progress, progressSchema } from '../../schemas/node.js';

/** A node that has been placed on its queue and is not done. */
export interface LiveNode {
  id: string;
  /** `waiting`: for a free slot, or for its next attempt; `stale`: its worker was lost and no other has taken it. */
  state: 'waiting' | 'running' | 'stale';
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

/** enum TimeoutType: HEARTBEAT. */
const HEARTBEAT = 4;
/** Heartbeat timeout of a node whose server does not tell it, ms. */
const USUAL_HEARTBEAT = 30_000;

/**
 * The nodes behind the pending activities of an `experiment` workflow.
 * @param now ms since the epoch
 */
export function liveNodes(pending: readonly PendingActivity[], now: number = Date.now()): LiveNode[] {
  return pending
    .filter(({ activityType }) => activityType?.name === 'runNode')
    .map((activity) => ({
      id: (activity.activityId ?? '').replace(/#\d+$/, ''),
      state: stateOf(activity, now),
      attempt: activity.attempt ?? 1,
      worker: activity.lastWorkerIdentity ?? '',
      progress: decodeProgress(activity.heartbeatDetails?.payloads?.[0]?.data),
      lastError: activity.lastFailure
        ? {
            code: activity.lastFailure.applicationFailureInfo?.type ?? 'LCOMS_E_COMPUTE_DIED',
            message: activity.lastFailure.message ?? '',
          }
        : null,
    }));
}

function stateOf(activity: PendingActivity, now: number): LiveNode['state'] {
  if (!UNDER_WAY.has(activity.state ?? 0))
    return activity.lastFailure?.timeoutFailureInfo?.timeoutType === HEARTBEAT ? 'stale' : 'waiting';
  const heard = Math.max(millis(activity.lastHeartbeatTime), millis(activity.lastStartedTime));
  const timeout = millis(activity.activityOptions?.heartbeatTimeout) || USUAL_HEARTBEAT;
  return heard > 0 && now - heard > timeout ? 'stale' : 'running';
}

/** A protobuf time or duration in ms; 0 for none. */
function millis(time: { seconds?: unknown; nanos?: number | null } | null | undefined): number {
  return time ? Number(time.seconds ?? 0) * 1000 + (time.nanos ?? 0) / 1e6 : 0;
}

function decodeProgress(data: Uint8Array | null | undefined): Progress | null {
  if (!data || data.length === 0) return null;
  try {
    return progressSchema.safeParse(JSON.parse(new TextDecoder().decode(data))).data ?? null;
  } catch {
    return null;
  }
}
