import { createRequire } from 'node:module';
import { buffer } from 'node:stream/consumers';
import type * as Minio from 'minio';
import { LcomsError } from '../../schemas/errors.js';
import { checkKey, checkPrefix } from './key.js';
import type { ObjectStore, StoredObject } from './object-store.js';
import { type RetryOptions, withRetries } from './retry.js';
import { isBusy, isMissingObject, isTransient, s3Code, s3Error } from './s3-errors.js';
import { s3Agent, s3Transport } from './s3-transport.js';

/** Where the objects are, who asks, and how patiently. */
export interface S3Options {
  bucket: string;
  /** Path in the bucket, no slash at either end; default `lcoms`. */
  prefix?: string;
  /** e.g. `http://127.0.0.1:9000`; default the public service of the region. */
  endpoint?: string;
  /** Default `us-east-1`. */
  region?: string;
  accessKey: string;
  secretKey: string;
  sessionToken?: string;
  /** Make the bucket when there is none; default false. */
  createBucket?: boolean;
  /** Limit on silence of a connection, in ms; default 30 000. */
  timeoutMs?: number;
  /**
   * Tries of a call when the network or the service fails; default 4, and 7 (some 12 s) of one that the service answers but can't
   * serve: it has just been started, or is busy.
   */
  attempts?: number;
  /** Wait before the second try, in ms, doubling; default 200. */
  backoffMs?: number;
}

/** With the first S3 store only: it and what it needs take a fifth of the start of a command. */
const loadMinio = (): typeof Minio => createRequire(import.meta.url)('minio') as typeof Minio;

/** The largest single-part upload of S3. */
const MAX_OBJECT_BYTES = 5 * 1024 ** 3;

/**
 * Objects in a bucket of any S3 service that honours `If-None-Match: *` (AWS, MinIO, SeaweedFS). Every object goes up
 * in one part: minio-js would let one attempt adopt another's unfinished multipart upload of the same key. The body
 * is covered by the signature (http) or Content-MD5 (https), so a truncated upload is refused by the server.
 */
export class S3Store implements ObjectStore {
  readonly #client: Minio.Client;
  readonly #bucket: string;
  readonly #prefix: string;
  readonly #endpoint: string;
  readonly #region: string;
  readonly #createBucket: boolean;
  readonly #secrets: string[];
  readonly #retry: RetryOptions;
  #ready: Promise<void> | null = null;

  constructor(options: S3Options) {
    this.#bucket = options.bucket;
    this.#prefix = checkKey(options.prefix || 'lcoms');
    this.#region = options.region ?? 'us-east-1';
    this.#endpoint = options.endpoint ?? `https://s3.${this.#region}.amazonaws.com`;
    this.#createBucket = options.createBucket ?? false;
    this.#secrets = [options.secretKey, options.sessionToken ?? '', options.accessKey];
    const { attempts, backoffMs = 200 } = options;
    this.#retry = { attempts: (error) => attempts ?? (isBusy(error) ? 7 : 4), backoffMs };
    const url = new URL(this.#endpoint);
    const secure = url.protocol === 'https:';
    const minio = loadMinio();
    this.#client = new minio.Client({
      endPoint: url.hostname.replace(/^\[|\]$/g, ''),
      ...(url.port === '' ? {} : { port: Number(url.port) }),
      useSSL: secure,
      accessKey: options.accessKey,
      secretKey: options.secretKey,
      ...(options.sessionToken === undefined ? {} : { sessionToken: options.sessionToken }),
      region: this.#region,
      partSize: MAX_OBJECT_BYTES,
      transport: s3Transport(secure, options.timeoutMs ?? 30_000),
      transportAgent: s3Agent(secure),
      // Its own retries print to the console and skip broken connections.
      retryOptions: { disableRetry: true },
    });
  }

  async get(key: string): Promise<Uint8Array> {
    const name = this.#name(key);
    const bytes = await this.#call(`read ${key}`, async () => {
      try {
        const body = await buffer(await this.#client.getObject(this.#bucket, name));
        return new Uint8Array(body.buffer, body.byteOffset, body.byteLength);
      } catch (error) {
        if (isMissingObject(error)) return null;
        throw error;
      }
    });
    if (bytes === null) throw new LcomsError('LCOMS_E_ARTIFACT_MISSING', `${this.describe()} has no object ${key}`);
    return bytes;
  }

  async put(key: string, bytes: Uint8Array): Promise<void> {
    await this.#upload(this.#name(key), key, bytes, {});
  }

  async putIfAbsent(key: string, bytes: Uint8Array): Promise<'created' | 'exists'> {
    return this.#upload(this.#name(key), key, bytes, { 'If-None-Match': '*' });
  }

  async has(key: string): Promise<boolean> {
    return (await this.stat(key)) !== null;
  }

  async stat(key: string): Promise<StoredObject | null> {
    const name = this.#name(key);
    return this.#call(`look up ${key}`, async () => {
      try {
        const { size, lastModified } = await this.#client.statObject(this.#bucket, name);
        return { key, bytes: size, modifiedAt: lastModified };
      } catch (error) {
        if (isMissingObject(error)) return null;
        throw error;
      }
    });
  }

  async *list(prefix: string): AsyncIterable<StoredObject> {
    checkPrefix(prefix);
    const within = `${this.#prefix}/`;
    for (let token = ''; ; ) {
      const page = await this.#call(`list ${prefix || 'everything'}`, () =>
        this.#client.listObjectsV2Query(this.#bucket, within + prefix, token, '', 1000, ''),
      );
      for (const { name, size, lastModified } of page.objects) {
        if (name === undefined || name.endsWith('/')) continue;
        yield { key: name.slice(within.length), bytes: Number(size), modifiedAt: lastModified };
      }
      if (!page.isTruncated || page.nextContinuationToken === '') return;
      token = page.nextContinuationToken;
    }
  }

  async delete(key: string): Promise<void> {
    const name = this.#name(key);
    await this.#call(`delete ${key}`, () => this.#client.removeObject(this.#bucket, name));
  }

  describe(): string {
    return `s3://${this.#bucket}/${this.#prefix} at ${this.#endpoint}`;
  }

  #name(key: string): string {
    return `${this.#prefix}/${checkKey(key)}`;
  }

  async #upload(
    name: string,
    key: string,
    bytes: Uint8Array,
    headers: Record<string, string>,
  ): Promise<'created' | 'exists'> {
    if (bytes.length > MAX_OBJECT_BYTES) {
      throw new LcomsError('LCOMS_E_INPUT', `${key} has ${bytes.length} bytes; S3 takes ${MAX_OBJECT_BYTES} at once`);
    }
    const body = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    return this.#call(`write ${key}`, async () => {
      try {
        await this.#client.putObject(this.#bucket, name, body, body.length, headers);
        return 'created';
      } catch (error) {
        if (s3Code(error) === 'PreconditionFailed') return 'exists';
        throw error;
      }
    });
  }

  async #call<T>(doing: string, work: () => Promise<T>): Promise<T> {
    this.#ready ??= this.#checkBucket();
    try {
      await this.#ready;
    } catch (error) {
      this.#ready = null;
      throw error;
    }
    return this.#attempt(doing, work);
  }

  async #attempt<T>(doing: string, work: () => Promise<T>): Promise<T> {
    try {
      return await withRetries(work, isTransient, this.#retry);
    } catch (error) {
      throw s3Error(error, doing, this.describe(), this.#endpoint, this.#secrets);
    }
  }

  async #checkBucket(): Promise<void> {
    const exists = await this.#attempt('find the bucket', () => this.#client.bucketExists(this.#bucket));
    if (exists) return;
    if (!this.#createBucket) {
      throw new LcomsError('LCOMS_E_STORE', `there is no bucket ${this.#bucket} at ${this.#endpoint}`, {
        hint: `Make it (\`aws --endpoint-url ${this.#endpoint} s3 mb s3://${this.#bucket}\`), or add \`create=true\` to the store's URL.`,
      });
    }
    await this.#attempt('make the bucket', async () => {
      try {
        await this.#client.makeBucket(this.#bucket, this.#region);
      } catch (error) {
        if (!['BucketAlreadyOwnedByYou', 'BucketAlreadyExists'].includes(s3Code(error))) throw error;
      }
    });
  }
}
