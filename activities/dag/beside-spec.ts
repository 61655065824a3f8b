import { realpathSync } from 'node:fs';
import path from 'node:path';
import { LcomsError } from '../../schemas/errors.js';

/**
 * The file that a spec names, in the folder of the spec or below, links followed.
 * @param file the spec
 * @param said what is named, of what, and where the spec says so, for messages
 * @throws LcomsError LCOMS_E_FILE for a file outside, or one that does not exist
 */
export function besideSpec(file: string, given: string, said: { what: string; of: string; path: string }): string {
  const where = { file, path: said.path };
  const folder = path.dirname(path.resolve(file));
  const outside = new LcomsError(
    'LCOMS_E_FILE',
    `the ${said.what} ${given} lies outside of the ${said.of}'s folder: name a file beside the ${said.of} or below it`,
    where,
  );
  const found = path.resolve(folder, given);
  const isInside = (from: string, to: string) => {
    const way = path.relative(from, to);
    return way !== '' && !way.startsWith('..') && !path.isAbsolute(way);
  };
  if (path.isAbsolute(given) || !isInside(folder, found)) throw outside;
  let real: string;
  try {
    real = realpathSync(found);
  } catch {
    throw new LcomsError('LCOMS_E_FILE', `there is no ${said.what} ${given} beside the ${said.of}`, where);
  }
  if (!isInside(realpathSync(folder), real)) throw outside;
  return path.relative(process.cwd(), found).startsWith('..') ? found : path.relative(process.cwd(), found);
}
