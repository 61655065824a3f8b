import { readFileSync } from 'node:fs';
import { packagedFile } from './package-root.js';

/** Version of this package. */
export const LCOMS_VERSION: string = (
  JSON.parse(readFileSync(packagedFile('package.json'), 'utf8')) as { version: string }
).version;
