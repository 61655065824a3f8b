import { existsSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

/** Folder of the installed package: the nearest one above this file that holds the set-up scripts. */
export function packageRoot(): string {
  const marker = path.join('infra', 'setup', 'pins.json');
  let folder = path.dirname(fileURLToPath(import.meta.url));
  while (!existsSync(path.join(folder, marker))) {
    const parent = path.dirname(folder);
    if (parent === folder) throw new Error(`the package is incomplete: ${marker} is missing`);
    folder = parent;
  }
  return folder;
}
