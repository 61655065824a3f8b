import { existsSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

function findPackageRoot(): string {
  let folder = path.dirname(fileURLToPath(import.meta.url));
  while (!existsSync(path.join(folder, 'package.json'))) {
    const parent = path.dirname(folder);
    if (parent === folder) throw new Error('package.json of lcoms not found above its own code');
    folder = parent;
  }
  return folder;
}

/** Folder that holds package.json: the same from sources and from the compiled files in dist/. */
export const PACKAGE_ROOT: string = findPackageRoot();

/** Absolute path of a file that ships beside the sources, e.g. `plugins/scorers/chgnet/model/chgnet-r2scan-efs.onnx`. */
export function packagedFile(relative: string): string {
  return path.join(PACKAGE_ROOT, relative);
}
