import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { lock } from 'proper-lockfile';
import { LcomsError } from '../../schemas/errors.js';
import { identify, isRunning, type ProcessIdentity } from './process-identity.js';

let registrations = 0;

/** Folder of the state of a home's embedded server: state.db, server.json, users/. */
export function serverFolder(home: string): string {
  return path.join(home, 'temporal');
}

/** Registers this process as a user of the home's server; returns what `leave` takes. */
export function enter(home: string): string {
  const folder = path.join(serverFolder(home), 'users');
  mkdirSync(folder, { recursive: true });
  registrations += 1;
  const file = path.join(folder, `${process.pid}-${registrations}.json`);
  writeFileSync(file, JSON.stringify(identify(process.pid)));
  return file;
}

export function leave(registration: string): void {
  rmSync(registration, { force: true });
}

/** Number of users; those that died without leaving are removed. */
export function countUsers(home: string): number {
  const folder = path.join(serverFolder(home), 'users');
  let count = 0;
  for (const name of readdirSync(folder)) {
    const file = path.join(folder, name);
    if (isUser(file)) count += 1;
    else rmSync(file, { force: true });
  }
  return count;
}

/** Runs `task` while no other process starts or stops the server of this home. */
export async function exclusively<T>(home: string, task: () => Promise<T>): Promise<T> {
  const folder = serverFolder(home);
  mkdirSync(folder, { recursive: true });
  let release: () => Promise<void>;
  try {
    release = await lock(folder, {
      stale: 20_000,
      // Its holder slept too long to keep it fresh: what it guards is checked again by whoever takes over.
      onCompromised: () => undefined,
      retries: { retries: 2_000, factor: 1, minTimeout: 100, maxTimeout: 100 },
    });
  } catch (cause) {
    throw new LcomsError('LCOMS_E_TEMPORAL', `another process holds the lock of ${folder} for over 200 s`, {
      cause,
      hint: `End the other lcoms process, or delete ${folder}.lock when there is none.`,
    });
  }
  try {
    return await task();
  } finally {
    // A lock that was taken over as stale is no longer ours to release.
    await release().catch(() => undefined);
  }
}

function isUser(file: string): boolean {
  try {
    return isRunning(JSON.parse(readFileSync(file, 'utf8')) as ProcessIdentity);
  } catch {
    return false;
  }
}
