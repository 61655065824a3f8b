import { ArtifactStore } from '../lib/artifacts/artifact-store.js';
import { openStore } from '../lib/artifacts/open.js';
import { loadRegistry } from '../plugins/config.js';
import type { PluginRegistry } from '../plugins/registry.js';
import { configDirOf, homeOf, storeUrlOf } from './locations.js';

/** What activities find around them, from environment variables alone: the same in every process of a worker. */
export interface Environment {
  /** LCOMS_HOME, default `.lcoms` in the working folder; absolute. */
  home: string;
  /** LCOMS_STORE, default the folder `store` in the home. */
  storeUrl: string;
  store: ArtifactStore;
  registry: PluginRegistry;
}

/** @throws LcomsError of the store or the configuration. */
export async function openEnvironment(env: NodeJS.ProcessEnv = process.env): Promise<Environment> {
  const storeUrl = storeUrlOf(env);
  return {
    home: homeOf(env),
    storeUrl,
    store: new ArtifactStore(openStore(storeUrl, env)),
    registry: await loadRegistry(configDirOf(env)),
  };
}
