import { existsSync, statSync } from 'node:fs';
import path from 'node:path';
import { LcomsError } from '../schemas/errors.js';

/**
 * Absolute path of the data set that a verb writes.
 * @throws LcomsError LCOMS_E_USAGE when it was not given, LCOMS_E_FILE when it is a folder.
 */
export function outFile(verb: string, given: string | undefined, example: string): string {
  if (given === undefined) {
    throw new LcomsError('LCOMS_E_USAGE', `--out is missing: the file to write, e.g. --out ${example}`, {
      hint: `See \`lcoms ${verb} --help\`.`,
    });
  }
  if (existsSync(given) && statSync(given).isDirectory()) {
    throw new LcomsError('LCOMS_E_FILE', '--out is a folder; give the file to write', { file: given });
  }
  return path.resolve(given);
}
