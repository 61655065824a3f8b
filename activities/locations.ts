import path from 'node:path';

/** LCOMS_HOME: embedded store, server state and logs. Default `.lcoms` in the working folder; absolute. */
export function homeOf(env: NodeJS.ProcessEnv = process.env): string {
  return path.resolve(env.LCOMS_HOME || '.lcoms');
}

/** LCOMS_STORE, default the folder `store` in the home. A plain path is made absolute: it means the same in every process. */
export function storeUrlOf(env: NodeJS.ProcessEnv = process.env): string {
  const url = env.LCOMS_STORE || path.join(homeOf(env), 'store');
  return /^[A-Za-z][A-Za-z0-9+.-]+:/.test(url) ? url : path.resolve(url);
}

/** Folder whose lcoms.config.ts counts: LCOMS_CONFIG_DIR, default the working folder. */
export function configDirOf(env: NodeJS.ProcessEnv = process.env): string {
  return path.resolve(env.LCOMS_CONFIG_DIR || '.');
}
