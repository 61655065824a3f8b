import { existsSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { sha256 } from '../lib/hashing/sha256.js';

/** Folder of the package: the nearest parent of this file that holds package.json, from dist/ and from source alike. */
export const packageRoot: string = findPackageRoot();

/** Compiled code. Processes are always started from here, also by tests that run from source. */
export const distFolder: string = path.join(packageRoot, 'dist');

/** Workflow bundle that the build makes, so that a worker starts without webpack. */
export const workflowBundle: string = path.join(distFolder, 'workflow-bundle.js');

function findPackageRoot(): string {
  for (let at = path.dirname(fileURLToPath(import.meta.url)); ; at = path.dirname(at)) {
    if (existsSync(path.join(at, 'package.json'))) return at;
    if (at === path.dirname(at)) throw new Error(`no package.json above ${fileURLToPath(import.meta.url)}`);
  }
}

/** Absolute LCOMS_HOME: embedded store, server state and logs. Default `.lcoms` in the working folder. */
export function homeFolder(env: NodeJS.ProcessEnv = process.env, cwd: string = process.cwd()): string {
  return path.resolve(cwd, env['LCOMS_HOME'] || '.lcoms');
}

/** Where logs of servers, workers and runs go. */
export function logsFolder(home: string): string {
  return path.join(home, 'logs');
}

/**
 * Prefix of the task queues of one store, so that several homes on one Temporal server never take each other's tasks:
 * `lcoms-` and ten hexadecimal digits of the hash of the store's URL.
 */
export function taskQueuePrefix(storeUrl: string): string {
  return `lcoms-${sha256(storeUrl).slice(0, 10)}`;
}
