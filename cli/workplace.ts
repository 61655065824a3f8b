import { configDirOf, homeOf, storeUrlOf } from '../activities/locations.js';
import { taskQueuePrefix } from '../infra/paths.js';
import { ArtifactStore } from '../lib/artifacts/artifact-store.js';
import { openStore } from '../lib/artifacts/open.js';
import type { PluginRegistry } from '../plugins/registry.js';

/** What the verbs work on: opened without any I/O, so that nothing is made where a verb only looks. */
export interface Workplace {
  /** Absolute LCOMS_HOME. */
  home: string;
  /** LCOMS_STORE, default the folder `store` of the home. */
  storeUrl: string;
  store: ArtifactStore;
  /** Prefix of the task queues that belong to the store. */
  prefix: string;
}

/** @throws LcomsError for a store URL that can't be used. */
export function openWorkplace(env: NodeJS.ProcessEnv = process.env): Workplace {
  const home = homeOf(env);
  const storeUrl = storeUrlOf(env);
  return { home, storeUrl, store: new ArtifactStore(openStore(storeUrl, env)), prefix: taskQueuePrefix(storeUrl) };
}

/** The plugins that the configuration in LCOMS_CONFIG_DIR (default the working folder) allows. */
export async function openRegistry(env: NodeJS.ProcessEnv = process.env): Promise<PluginRegistry> {
  // Loaded only here: every plugin comes with it, and the tensor library with them.
  const { loadRegistry } = await import('../plugins/config.js');
  return await loadRegistry(configDirOf(env));
}
