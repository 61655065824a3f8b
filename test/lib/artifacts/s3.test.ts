import { createServer, request, type Server } from 'node:http';
import { type AddressInfo, createServer as createSocketServer } from 'node:net';
import { inspect } from 'node:util';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { findWeed } from '../../../infra/tools/index.js';
import { openStore } from '../../../lib/artifacts/open.js';
import { type S3Options, S3Store } from '../../../lib/artifacts/s3.js';
import { LcomsError } from '../../../schemas/errors.js';
import { type Seaweed, startSeaweed } from '../../support/seaweed.js';
import { codeOf, collect, conformsToObjectStore } from './conformance.js';
import { patternBytes, text } from './samples.js';

const KEYS = { accessKey: 'AKIA-visible-nowhere', secretKey: 'sEcReT/visible+nowhere' };
const QUICK = { attempts: 3, backoffMs: 1, timeoutMs: 200 };

async function failure(work: Promise<unknown>): Promise<LcomsError> {
  const error = await work.then(
    () => undefined,
    (e: unknown) => e,
  );
  expect(error).toBeInstanceOf(LcomsError);
  return error as LcomsError;
}

function expectNoSecret(value: unknown, secrets: string[] = Object.values(KEYS)): void {
  const error = value instanceof Error ? [value.message, value.stack, String(value)] : [];
  const shown = [...error, JSON.stringify(value), inspect(value, { depth: 20, showHidden: true })].join('\n');
  for (const secret of secrets) expect(shown).not.toContain(secret);
}

async function listen(server: Server | ReturnType<typeof createSocketServer>): Promise<string> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

describe('S3 store without a server', () => {
  it('names the endpoint that nobody answers at', async () => {
    const server = createSocketServer();
    const endpoint = await listen(server);
    await new Promise((resolve) => server.close(resolve));
    const error = await failure(new S3Store({ bucket: 'bkt', endpoint, ...KEYS, ...QUICK }).get('a/b'));
    expect(error).toMatchObject({ code: 'LCOMS_E_STORE', retryable: true });
    expect(error.message).toContain(endpoint);
    expect(error.message).toContain('ECONNREFUSED');
    expectNoSecret(error);
  });

  it('gives up on a server that says nothing', async () => {
    const server = createSocketServer(() => undefined);
    const endpoint = await listen(server);
    const store = new S3Store({ bucket: 'bkt', endpoint, ...KEYS, ...QUICK });
    const error = await failure(store.put('a/b', text('x')));
    expect(error.code).toBe('LCOMS_E_STORE');
    expect(error.message).toMatch(/nothing moved for 200 ms/);
    server.close();
  });

  it('keeps its credentials to itself when it is printed', () => {
    const store = new S3Store({ bucket: 'bkt', endpoint: 'http://127.0.0.1:1', ...KEYS });
    expectNoSecret(store);
    expect(store.describe()).toBe('s3://bkt/lcoms at http://127.0.0.1:1');
  });

  it('blots out secrets that a reply repeats', async () => {
    const body = (code: string) =>
      `<?xml version="1.0"?><Error><Code>${code}</Code><Message>key ${KEYS.accessKey} signed with ${KEYS.secretKey}</Message><AWSAccessKeyId>${KEYS.accessKey}</AWSAccessKeyId><StringToSign>${KEYS.secretKey}</StringToSign></Error>`;
    for (const [code, status, expected] of [
      ['SignatureDoesNotMatch', 403, 'LCOMS_E_STORE_AUTH'],
      ['InvalidArgument', 400, 'LCOMS_E_STORE'],
    ] as const) {
      const server = createServer((incoming, response) => {
        if (incoming.method === 'HEAD') response.end();
        else response.writeHead(status).end(body(code));
      });
      const endpoint = await listen(server);
      const error = await failure(new S3Store({ bucket: 'bkt', endpoint, ...KEYS, ...QUICK }).get('a/b'));
      expect(error.code).toBe(expected);
      expect(error.message).toContain(code);
      expect(error.message).toContain('***');
      expectNoSecret(error);
      server.closeAllConnections();
      server.close();
    }
  });
});

const weed = await findWeed();
if (weed === null)
  console.warn('S3 tests are skipped: no weed binary (npm run setup -- --with-s3, or LCOMS_WEED_PATH)');

describe.skipIf(weed === null)('S3 store on SeaweedFS', () => {
  let server: Seaweed;
  let secrets: string[];

  beforeAll(async () => {
    server = await startSeaweed(weed?.path ?? '');
    secrets = Object.values(server.env);
  });

  afterAll(() => server?.stop());

  const open = (bucket: string, more = '') =>
    openStore(`s3://${bucket}?endpoint=${server.endpoint}${more}`, server.env);
  const credentials = () => ({
    accessKey: server.env.LCOMS_S3_ACCESS_KEY,
    secretKey: server.env.LCOMS_S3_SECRET_KEY,
  });

  conformsToObjectStore('S3', async () => ({ store: open('conformance', '&create=true') }));

  it('says how to make a missing bucket, and makes it only when told to', async () => {
    const error = await failure(open('not-there').put('a', text('x')));
    expect(error.code).toBe('LCOMS_E_STORE');
    expect(error.message).toContain('no bucket not-there');
    expect(error.hint).toMatch(/s3 mb s3:\/\/not-there.*create=true/s);
    expect(await codeOf(open('not-there').get('a'))).toBe('LCOMS_E_STORE');
    await open('not-there', '&create=true').put('a', text('x'));
    expect(await open('not-there').get('a')).toEqual(text('x'));
  });

  it('makes a missing bucket once when many ask for it', async () => {
    await Promise.all(
      Array.from({ length: 8 }, (_, i) => open('asked-by-many', '&create=true').put(`a/${i}`, text('x'))),
    );
    expect((await collect(open('asked-by-many').list('a/'))).length).toBe(8);
  });

  it('says that the credentials are wrong, without showing them', async () => {
    await open('locked', '&create=true').put('a', text('x'));
    const url = `s3://locked?endpoint=${server.endpoint}`;
    for (const env of [
      { ...server.env, LCOMS_S3_SECRET_KEY: 'wrong-secret' },
      { ...server.env, LCOMS_S3_ACCESS_KEY: 'wrong-access' },
    ]) {
      const store = openStore(url, env);
      for (const call of [store.get('a'), store.put('a', text('y')), store.has('a'), collect(store.list(''))]) {
        const error = await failure(call);
        expect(error).toMatchObject({ code: 'LCOMS_E_STORE_AUTH', retryable: false });
        expect(error.hint).toContain('LCOMS_S3_SECRET_KEY');
        expectNoSecret(error, [...secrets, 'wrong-secret', 'wrong-access']);
      }
    }
    expect(await open('locked').get('a')).toEqual(text('x'));
  });

  it('keeps to its prefix of a shared bucket', async () => {
    const url = (prefix: string) => `s3://shared/${prefix}?endpoint=${server.endpoint}&create=true`;
    const [one, two] = [openStore(url('team/one'), server.env), openStore(url('team/one-more/'), server.env)];
    await one.put('a', text('1'));
    await two.put('a', text('2'));
    expect(await one.get('a')).toEqual(text('1'));
    expect((await collect(one.list(''))).map(({ key }) => key)).toEqual(['a']);
    expect(two.describe()).toBe(`s3://shared/team/one-more at ${server.endpoint}`);
  });

  /** A way to the server on which the first `count` requests that `match` fall over. */
  async function unreliable(
    count: number,
    match: RegExp,
    how: 'reset' | 503 | 'truncate' | 'after',
    options: Partial<S3Options> = QUICK,
  ) {
    let left = count;
    const target = new URL(server.endpoint);
    const proxy = createServer((incoming, response) => {
      const hit = left > 0 && match.test(`${incoming.method} ${incoming.url}`);
      if (hit) left--;
      if (hit && how === 'reset') return void incoming.socket.destroy();
      if (hit && how === 503) return void response.writeHead(503).end('<Error/>');
      const onward = request(
        {
          host: target.hostname,
          port: target.port,
          method: incoming.method,
          path: incoming.url,
          headers: incoming.headers,
        },
        (reply) => {
          if (hit && how === 'after') return void incoming.socket.destroy();
          response.writeHead(reply.statusCode ?? 500, reply.headers);
          if (!hit) return void reply.pipe(response);
          reply.once('data', (chunk: Buffer) => {
            response.write(chunk.subarray(0, 10), () => incoming.socket.destroy());
          });
        },
      );
      incoming.pipe(onward);
    });
    const endpoint = await listen(proxy);
    return {
      store: new S3Store({
        bucket: 'flaky',
        endpoint,
        createBucket: true,
        ...credentials(),
        ...options,
        timeoutMs: 5000,
      }),
      close: () => {
        proxy.closeAllConnections();
        proxy.close();
      },
    };
  }

  it.each(['reset', 503, 'truncate'] as const)('reads through two failures (%s), silently', async (how) => {
    await open('flaky', '&create=true').put('big', patternBytes(300_000));
    const { store, close } = await unreliable(2, /GET .*big/, how);
    const warn = vi.spyOn(console, 'warn');
    expect(await store.get('big')).toEqual(patternBytes(300_000));
    expect(warn).not.toHaveBeenCalled();
    warn.mockRestore();
    close();
  });

  it('writes through two failures and gives up after the third', async () => {
    await open('flaky', '&create=true').put('x', text('x'));
    const two = await unreliable(2, /PUT .*written/, 503);
    await two.store.put('written/a', text('x'));
    expect(await open('flaky').get('written/a')).toEqual(text('x'));
    two.close();
    const three = await unreliable(3, /PUT .*written/, 503);
    const error = await failure(three.store.put('written/b', text('x')));
    expect(error).toMatchObject({ code: 'LCOMS_E_STORE', retryable: true });
    expect(error.message).toContain('503');
    expect(await open('flaky').has('written/b')).toBe(false);
    three.close();
  });

  it('waits longer for a service that answers and can not serve yet than for one that is not there', async () => {
    await open('flaky', '&create=true').put('late', text('x'));
    const usual = { backoffMs: 1 };
    const busy = await unreliable(6, /GET .*late/, 503, usual);
    expect(await busy.store.get('late')).toEqual(text('x'));
    busy.close();
    const away = await unreliable(4, /GET .*late/, 'reset', usual);
    expect(await failure(away.store.get('late'))).toMatchObject({ code: 'LCOMS_E_STORE' });
    away.close();
  });

  it('finds its own object when the reply to a conditional write is lost', async () => {
    await open('flaky', '&create=true').put('x', text('x'));
    const { store, close } = await unreliable(1, /PUT .*once/, 'after');
    expect(await store.putIfAbsent('once/a', text('mine'))).toBe('exists');
    expect(await store.get('once/a')).toEqual(text('mine'));
    close();
  });
});
