import { takeLease } from '../lib/artifacts/lease.js';
import type { NodeManifest } from '../schemas/artifact.js';
import { LcomsError } from '../schemas/errors.js';
import type { Environment } from './environment.js';
import type { NodeHooks } from './execute-node.js';

type TurnHooks = Pick<NodeHooks, 'signal' | 'tick' | 'log'>;

/** The lease on the node, or its result when another run made it meanwhile. */
export async function takeTurn(env: Environment, key: string, hooks: TurnHooks) {
  let told = false;
  const done = async (): Promise<NodeManifest | null> => {
    hooks.signal.throwIfAborted();
    return await verified(env, key, hooks);
  };
  return await takeLease(env.store.store, key, done, () => {
    hooks.tick({ done: 0, total: 0, unit: 'waiting for another run that makes the same' });
    if (!told) hooks.log('another run makes the same at the moment: waiting for its result');
    told = true;
  });
}

/** The committed result with every blob checked; one whose blobs were deleted is taken back, to be made anew. */
export async function verified(env: Environment, key: string, hooks: TurnHooks): Promise<NodeManifest | null> {
  const committed = await env.store.findCommitted(key);
  if (!committed) return null;
  try {
    await env.store.verify(committed);
    return committed;
  } catch (error) {
    if (!(error instanceof LcomsError) || error.code !== 'LCOMS_E_ARTIFACT_MISSING') throw error;
    hooks.log(`warning: ${error.message}: made anew`);
    await env.store.discard(key);
    return null;
  }
}
