import path from 'node:path';
import { sha256 } from '../lib/hashing/sha256.js';
import { PACKAGE_ROOT } from '../lib/package-root.js';

/** Compiled code. Processes are always started from here, also by tests that run from source. */
export const distFolder: string = path.join(PACKAGE_ROOT, 'dist');

/** Workflow bundle that the build makes, so that a worker starts without webpack. */
export const workflowBundle: string = path.join(distFolder, 'workflow-bundle.js');

/** Where logs of servers, workers and runs go. */
export function logsFolder(home: string): string {
  return path.join(home, 'logs');
}

/**
 * Prefix of the task queues of one store, so that several homes on one Temporal server never take each other's tasks:
 * `lcoms-` and ten hexadecimal digits of the hash of the store's URL. A folder counts by its absolute path.
 */
export function taskQueuePrefix(storeUrl: string): string {
  const folder = storeUrl.replace(/^file:\/\//, '');
  const place = /^[a-z0-9]{2,}:/i.test(folder) ? folder : path.resolve(folder);
  return `lcoms-${sha256(place).slice(0, 10)}`;
}
