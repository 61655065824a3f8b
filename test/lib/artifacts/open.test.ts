import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { distFolder } from '../../../infra/paths.js';
import { openStore } from '../../../lib/artifacts/open.js';
import { LcomsError } from '../../../schemas/errors.js';
import { text } from './samples.js';

const ENV = { LCOMS_S3_ACCESS_KEY: 'the-access-key', LCOMS_S3_SECRET_KEY: 'the-secret-key' };

function refusal(url: string, env: Record<string, string> = ENV): LcomsError {
  try {
    openStore(url, env);
  } catch (error) {
    expect(error).toBeInstanceOf(LcomsError);
    return error as LcomsError;
  }
  throw new Error(`${url} was accepted`);
}

/** Whether a process that opens that store, and does no more, has loaded the S3 client: by import or by require. */
async function loadsMinio(url: string): Promise<boolean> {
  const hook = `import { writeSync } from 'node:fs';
    export async function load(url, context, next) {
      if (url.includes('/node_modules/minio/')) writeSync(1, 'imported ');
      return next(url, context);
    }`;
  const script = `import { createRequire, register } from 'node:module';
    register('data:text/javascript,' + encodeURIComponent(${JSON.stringify(hook)}));
    const { openStore } = await import(${JSON.stringify(path.join(distFolder, 'lib', 'artifacts', 'open.js'))});
    openStore(${JSON.stringify(url)}, process.env);
    const required = Object.keys(createRequire(import.meta.url).cache);
    if (required.some((file) => file.includes('/node_modules/minio/'))) process.stdout.write('required ');`;
  const env = { ...process.env, ...ENV };
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', script], { env });
  return stdout !== '';
}

describe('openStore', () => {
  it('loads the S3 client with the first S3 store only', async () => {
    expect(await loadsMinio('a/folder')).toBe(false);
    expect(await loadsMinio('s3://bucket/prefix')).toBe(true);
  });

  it('takes a folder as a path or as a file URL', async () => {
    const folder = path.join(await mkdtemp(path.join(os.tmpdir(), 'lcoms-open-')), 'a folder');
    await openStore(folder, {}).put('a', text('x'));
    expect(await openStore(pathToFileURL(folder).href, {}).get('a')).toEqual(text('x'));
    expect(openStore('some/folder', {}).describe()).toBe(`file://${path.resolve('some/folder')}`);
    await rm(path.dirname(folder), { recursive: true });
  });

  it('gives every memory: store a life of its own', async () => {
    const store = openStore('memory:', {});
    await store.put('a', text('x'));
    expect(await openStore('memory:', {}).has('a')).toBe(false);
    expect(store.describe()).toBe('memory:');
  });

  it('takes an s3 URL with defaults, and with everything', () => {
    expect(openStore('s3://bucket', ENV).describe()).toBe('s3://bucket/lcoms at https://s3.us-east-1.amazonaws.com');
    const url = 's3://bucket/a/b/?endpoint=http://127.0.0.1:9000/&region=eu-west-1&create=true&timeout=500';
    expect(openStore(url, ENV).describe()).toBe('s3://bucket/a/b at http://127.0.0.1:9000');
  });

  it('falls back to the AWS variables, never mixing the two', () => {
    openStore('s3://bucket', { AWS_ACCESS_KEY_ID: 'a', AWS_SECRET_ACCESS_KEY: 'b' });
    const half = refusal('s3://bucket', {
      LCOMS_S3_ACCESS_KEY: 'a',
      AWS_ACCESS_KEY_ID: 'a',
      AWS_SECRET_ACCESS_KEY: 'b',
    });
    expect(half).toMatchObject({
      code: 'LCOMS_E_STORE_AUTH',
      message: 'LCOMS_S3_SECRET_KEY is not set, its partner is',
    });
    expect(refusal('s3://bucket', {}).code).toBe('LCOMS_E_STORE_AUTH');
  });

  it.each([
    's3://KEYID:hunter2@bucket/prefix',
    's3://hunter2@bucket/prefix',
    's3://bucket?endpoint=http://KEYID:hunter2@127.0.0.1:9000',
    's3://bucket?accessKey=KEYID&secretKey=hunter2',
    's3://KEYID/hunter2:x@bucket',
    'https://KEYID:hunter2@127.0.0.1/bucket',
    'hunter2:',
    'file://KEYID:hunter2@host/folder',
    's3://bucket?endpoint=hunter2',
    's3://bucket?timeout=hunter2',
    's3://bucket?create=hunter2',
  ])('refuses %s without repeating a credential', (url) => {
    const error = refusal(url);
    expect(error.code).toBe('LCOMS_E_INPUT');
    expect(`${error.message} ${error.hint} ${JSON.stringify(error)}`).not.toMatch(/hunter2|KEYID/);
  });

  it.each([
    '',
    's3://',
    's3://b',
    's3://bucket:9000/x',
    's3://bucket/a..b/.hidden',
    's3://bucket/a//b',
    's3://bucket?region=a&zone=b',
  ])('refuses %j with the forms there are', (url) => {
    const error = refusal(url);
    expect(error.code).toBe('LCOMS_E_INPUT');
    expect(error.hint.length).toBeGreaterThan(20);
  });

  it.each(['http://h/path', 'ftp://h', 'http://h?x=1'])('refuses the endpoint %s', (endpoint) => {
    expect(refusal(`s3://bucket?endpoint=${encodeURIComponent(endpoint)}`).code).toBe('LCOMS_E_INPUT');
  });
});
