import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { sha256 } from '../../lib/hashing/sha256.js';
import { PACKAGE_ROOT } from '../../lib/package-root.js';

const NAMES = ['package-lock.json', 'npm-shrinkwrap.json', 'pnpm-lock.yaml', 'yarn.lock', 'bun.lock'];
/** npm's own list of what it installed. */
const INSTALLED = path.join('node_modules', '.package-lock.json');

/**
 * The lock file of the project that `folder` is in; else of what lcoms itself was installed with. Only its name is told,
 * not where it lies.
 */
export function lockFile(folder: string): { name: string; digest: string } | null {
  const file = above(folder, NAMES) ?? above(PACKAGE_ROOT, NAMES) ?? above(PACKAGE_ROOT, [INSTALLED]);
  return file === null ? null : { name: path.basename(file), digest: sha256(readFileSync(file)) };
}

function above(folder: string, names: readonly string[]): string | null {
  for (let at = path.resolve(folder); ; at = path.dirname(at)) {
    const found = names.map((name) => path.join(at, name)).find((file) => existsSync(file));
    if (found !== undefined) return found;
    if (at === path.dirname(at)) return null;
  }
}
