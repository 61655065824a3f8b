import { fileURLToPath } from 'node:url';
import { LcomsError } from '../../schemas/errors.js';
import { FsStore } from './fs.js';
import { MemoryStore } from './memory.js';
import type { ObjectStore } from './object-store.js';
import { type S3Options, S3Store } from './s3.js';

const S3_PARAMETERS = ['endpoint', 'region', 'create', 'timeout'];
const FORMS =
  'Give a folder, file:///folder, s3://bucket/prefix?endpoint=http://127.0.0.1:9000&region=us-east-1, or memory:.';

/** Environment variables, as of `process.env`. */
export type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Opens the store that a URL names; no I/O happens until its first use.
 *
 * - `file:///abs/dir` or a plain path (relative to the working folder): files in that folder.
 * - `s3://bucket/prefix?endpoint=&region=&create=&timeout=`: prefix default `lcoms`; region `us-east-1`; `create=true`
 *   makes a missing bucket; timeout in ms (30 000) is the longest silence. Credentials come from LCOMS_S3_ACCESS_KEY
 *   and LCOMS_S3_SECRET_KEY, else AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_SESSION_TOKEN.
 * - `memory:`: a new empty store in this process.
 *
 * Throws LCOMS_E_INPUT for anything else, above all a URL with credentials in it, and LCOMS_E_STORE_AUTH when an s3
 * URL comes without credentials in `env`. Messages repeat no part of a URL that could be a secret.
 */
export function openStore(url: string, env: Environment): ObjectStore {
  if (url === 'memory:') return new MemoryStore();
  const scheme = /^([A-Za-z][A-Za-z0-9+.-]*):/.exec(url)?.[1]?.toLowerCase();
  if (scheme === undefined) {
    if (url === '' || url.includes('\0')) throw refuse('the store has no path');
    return new FsStore(url);
  }
  if (scheme === 'file') return new FsStore(folderOf(parse(url)));
  if (scheme === 's3') return new S3Store({ ...s3Place(parse(url)), ...s3Credentials(env) });
  throw refuse("the store's URL is of no known kind");
}

function refuse(message: string, hint = FORMS): LcomsError {
  return new LcomsError('LCOMS_E_INPUT', message, { hint });
}

function parse(url: string): URL {
  let parsed: URL;
  try {
    parsed = new URL(url);
  } catch {
    throw refuse("the store's URL cannot be read");
  }
  refuseCredentials(parsed, "the store's URL");
  return parsed;
}

function refuseCredentials(url: URL, what: string): void {
  if (url.username === '' && url.password === '') return;
  throw refuse(`${what} holds credentials`, 'Take them out, and set LCOMS_S3_ACCESS_KEY and LCOMS_S3_SECRET_KEY.');
}

function folderOf(url: URL): string {
  if (url.search !== '' || url.hash !== '') throw refuse('a file: store has no parameters');
  try {
    return fileURLToPath(url);
  } catch {
    throw refuse('a file: store needs an absolute path on this machine, e.g. file:///data/lcoms');
  }
}

function s3Place(url: URL): Omit<S3Options, 'accessKey' | 'secretKey'> {
  // Only the names are shown: a misspelt parameter may hold a key.
  for (const name of url.searchParams.keys()) {
    if (!S3_PARAMETERS.includes(name)) {
      throw refuse(`an s3: store has no parameter ${JSON.stringify(name)}`, `It has ${S3_PARAMETERS.join(', ')}.`);
    }
  }
  if (!/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/.test(url.hostname)) {
    throw refuse('an s3: store needs a bucket: 3 to 63 of a-z 0-9 . -, as in s3://bucket/prefix');
  }
  if (url.port !== '') throw refuse('the host of an s3: URL is a bucket, which has no port; give endpoint=');
  const timeout = url.searchParams.get('timeout') ?? '30000';
  if (!/^[1-9]\d{0,8}$/.test(timeout)) throw refuse('timeout= is a whole number of ms above 0');
  const create = url.searchParams.get('create') ?? 'false';
  if (create !== 'true' && create !== 'false') throw refuse('create= is true or false');
  const region = url.searchParams.get('region');
  const endpoint = url.searchParams.get('endpoint');
  return {
    bucket: url.hostname,
    prefix: url.pathname.replace(/^\/+|\/+$/g, ''),
    createBucket: create === 'true',
    timeoutMs: Number(timeout),
    ...(region === null ? {} : { region }),
    ...(endpoint === null ? {} : { endpoint: endpointOf(endpoint) }),
  };
}

function endpointOf(text: string): string {
  let url: URL;
  try {
    url = new URL(text);
  } catch {
    throw refuse('endpoint= cannot be read', 'Write it as http://host:port or https://host.');
  }
  refuseCredentials(url, 'endpoint=');
  if (!['http:', 'https:'].includes(url.protocol) || url.pathname !== '/' || url.search !== '' || url.hash !== '') {
    throw refuse('endpoint= is not of the form http://host:port or https://host');
  }
  return url.origin;
}

function s3Credentials(env: Environment): Pick<S3Options, 'accessKey' | 'secretKey' | 'sessionToken'> {
  const own = { accessKey: env.LCOMS_S3_ACCESS_KEY, secretKey: env.LCOMS_S3_SECRET_KEY };
  if (own.accessKey && own.secretKey) return { accessKey: own.accessKey, secretKey: own.secretKey };
  if (own.accessKey || own.secretKey) {
    const missing = own.accessKey ? 'LCOMS_S3_SECRET_KEY' : 'LCOMS_S3_ACCESS_KEY';
    throw new LcomsError('LCOMS_E_STORE_AUTH', `${missing} is not set, its partner is`);
  }
  const { AWS_ACCESS_KEY_ID: accessKey, AWS_SECRET_ACCESS_KEY: secretKey, AWS_SESSION_TOKEN: sessionToken } = env;
  if (accessKey && secretKey) return { accessKey, secretKey, ...(sessionToken ? { sessionToken } : {}) };
  throw new LcomsError('LCOMS_E_STORE_AUTH', 'there are no credentials for the s3: store');
}
