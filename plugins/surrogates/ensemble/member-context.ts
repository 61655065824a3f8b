import type { NamedBytes, PluginContext, SavedCheckpoint } from '../../contract/context.js';
import type { EpochMetrics } from '../mlp/history.js';

/** A trained member. */
export interface Member {
  weights: Uint8Array;
  history: EpochMetrics[];
}

/** Where the training of an ensemble stands between two members. */
export interface Standing {
  /** Members that are trained; a checkpoint holds them too, since nothing else keeps them. */
  trained: readonly Member[];
  /** Members in all, and epochs of each. */
  members: number;
  epochs: number;
  /** The newest checkpoint, when it is of the member that trains now. */
  saved: SavedCheckpoint | null;
}

/** Steps of a member's checkpoints lie above those of the members before it. */
const STEPS_PER_MEMBER = 1e9;

/** The file of weights of a member, counted from 0. */
export const memberFile = (member: number): string => `member-${member}.safetensors`;

/** The context of an ensemble as the next member sees it: its own stream, checkpoints, steps and progress. */
export function memberContext(context: PluginContext, { trained, members, epochs, saved }: Standing): PluginContext {
  const member = trained.length;
  const before = trained.map(({ weights }, k): NamedBytes => ({ name: memberFile(k), bytes: weights }));
  const histories = trained.map(({ history }) => history);
  return {
    ...context,
    // The first member draws what a lone network would.
    rng: member === 0 ? context.rng : context.rng.fork(`member-${member}`),
    checkpoint: {
      latest: async () => saved,
      due: (step, seconds) => context.checkpoint.due(member * STEPS_PER_MEMBER + step, seconds),
      save: (step, blobs, info) =>
        context.checkpoint.save(member * STEPS_PER_MEMBER + step, [...before, ...blobs], { ...info, histories }),
    },
    report: ({ step, ...metrics }) => context.report({ step: member * epochs + step, member, ...metrics }),
    tick: ({ done, total, unit }) => context.tick({ done: member * total + done, total: members * total, unit }),
  };
}

/** The members that a checkpoint holds, in order. */
export async function membersIn(saved: SavedCheckpoint | null): Promise<Member[]> {
  const histories = (saved?.info['histories'] ?? []) as EpochMetrics[][];
  const weights = await Promise.all(histories.map((_, k) => (saved as SavedCheckpoint).load(memberFile(k))));
  return histories.map((history, k) => ({ weights: weights[k] as Uint8Array, history }));
}
