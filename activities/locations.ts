import path from 'node:path';

/** LCOMS_HOME: embedded store, server state and logs. Default `.lcoms` in the working folder; absolute. */
export function homeOf(env: NodeJS.ProcessEnv = process.env): string {
  return path.resolve(env.LCOMS_HOME || '.lcoms');
}

/** LCOMS_STORE, default the folder `store` in the home. */
export function storeUrlOf(env: NodeJS.ProcessEnv = process.env): string {
  return env.LCOMS_STORE || path.join(homeOf(env), 'store');
}

/** Folder whose lcoms.config.ts counts: LCOMS_CONFIG_DIR, default the working folder. */
export function configDirOf(env: NodeJS.ProcessEnv = process.env): string {
  return path.resolve(env.LCOMS_CONFIG_DIR || '.');
}
