import { existsSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

let root: string | undefined;

/**
 * Absolute path of a file that ships with the package, e.g. `plugins/scorers/chgnet/model/chgnet-r2scan-efs.onnx`: data
 * lies beside the sources, not in dist/, so both compiled and uncompiled code look for it from the package's root.
 */
export function packagedFile(relative: string): string {
  if (root === undefined) {
    let folder = path.dirname(fileURLToPath(import.meta.url));
    while (!existsSync(path.join(folder, 'package.json'))) {
      const parent = path.dirname(folder);
      if (parent === folder) throw new Error('package.json of lcoms not found above its own code');
      folder = parent;
    }
    root = folder;
  }
  return path.join(root, relative);
}
