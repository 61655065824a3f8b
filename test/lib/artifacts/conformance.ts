import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ArtifactStore } from '../../../lib/artifacts/artifact-store.js';
import { blobKey, manifestKey } from '../../../lib/artifacts/layout.js';
import type { ObjectStore, StoredObject } from '../../../lib/artifacts/object-store.js';
import { probeStore } from '../../../lib/artifacts/probe.js';
import { LcomsError } from '../../../schemas/errors.js';
import { manifestOf, patternBytes, text } from './samples.js';

/** A driver under test: an empty store, and what to do afterwards. */
export interface Driver {
  store: ObjectStore;
  close?(): Promise<void>;
}

export async function collect(objects: AsyncIterable<StoredObject>): Promise<StoredObject[]> {
  const all: StoredObject[] = [];
  for await (const object of objects) all.push(object);
  return all.sort((a, b) => (a.key < b.key ? -1 : 1));
}

export async function codeOf(work: Promise<unknown>): Promise<string> {
  try {
    await work;
    return 'none';
  } catch (error) {
    return error instanceof LcomsError ? error.code : String(error);
  }
}

/** What every object store must do, whatever it is made of. */
export function conformsToObjectStore(name: string, open: () => Promise<Driver>): void {
  describe(`object store: ${name}`, () => {
    let store: ObjectStore;
    let close: Driver['close'];

    beforeAll(async () => {
      const driver = await open();
      store = driver.store;
      close = driver.close?.bind(driver);
    });

    afterAll(() => close?.());

    it('passes the probe, which leaves nothing behind', async () => {
      await probeStore(store);
      expect(await collect(store.list('probe/'))).toEqual([]);
    });

    it('says that an object is missing, and lists nothing where nothing is', async () => {
      expect(await codeOf(store.get('no/such/object'))).toBe('LCOMS_E_ARTIFACT_MISSING');
      expect(await store.has('no/such/object')).toBe(false);
      expect(await store.stat('no/such/object')).toBeNull();
      expect(await collect(store.list('no/such/'))).toEqual([]);
      await store.delete('no/such/object');
    });

    it('gives back what was put, and only a copy of it', async () => {
      const bytes = Uint8Array.of(1, 2, 3);
      await store.put('copy/of', bytes);
      bytes[0] = 9;
      const first = await store.get('copy/of');
      expect([...first]).toEqual([1, 2, 3]);
      first[0] = 7;
      expect([...(await store.get('copy/of'))]).toEqual([1, 2, 3]);
    });

    it('stores a view of a larger buffer, not the buffer', async () => {
      await store.put('view/of', patternBytes(100).subarray(10, 20));
      expect(await store.get('view/of')).toEqual(patternBytes(100).slice(10, 20));
    });

    it('replaces on put and refuses on putIfAbsent', async () => {
      await store.put('over/write', text('one'));
      await store.put('over/write', text('three'));
      expect(await store.get('over/write')).toEqual(text('three'));
      expect(await store.putIfAbsent('over/write', text('two'))).toBe('exists');
      expect(await store.get('over/write')).toEqual(text('three'));
      expect(await store.putIfAbsent('over/first', text('two'))).toBe('created');
      expect(await store.get('over/first')).toEqual(text('two'));
    });

    it('deletes, after which the object is missing and may be created again', async () => {
      await store.put('gone/soon', text('x'));
      await store.delete('gone/soon');
      expect(await codeOf(store.get('gone/soon'))).toBe('LCOMS_E_ARTIFACT_MISSING');
      expect(await store.has('gone/soon')).toBe(false);
      expect(await store.putIfAbsent('gone/soon', text('y'))).toBe('created');
    });

    it('holds an empty object', async () => {
      await store.put('empty', new Uint8Array(0));
      expect(await store.get('empty')).toEqual(new Uint8Array(0));
      expect(await store.stat('empty')).toMatchObject({ key: 'empty', bytes: 0 });
      expect(await store.putIfAbsent('empty', text('x'))).toBe('exists');
    });

    it('holds an object of 20 MB', async () => {
      const bytes = patternBytes(20_000_003);
      await store.put('large/object', bytes);
      expect(Buffer.compare(await store.get('large/object'), bytes)).toBe(0);
      expect((await store.stat('large/object'))?.bytes).toBe(20_000_003);
    });

    it('knows the size and the time of an object', async () => {
      await store.put('stat/of', patternBytes(12));
      const stat = await store.stat('stat/of');
      expect(stat).toMatchObject({ key: 'stat/of', bytes: 12 });
      expect(Math.abs(Date.now() - (stat?.modifiedAt.getTime() ?? 0))).toBeLessThan(60_000);
    });

    it('lists more than a page, by any prefix, and nothing besides', async () => {
      const keys = Array.from({ length: 1100 }, (_, i) => `many/${i % 7}/${String(i).padStart(4, '0')}`);
      for (let i = 0; i < keys.length; i += 20) {
        await Promise.all(keys.slice(i, i + 20).map((key) => store.put(key, text(key))));
      }
      await store.put('many-more/1', text('x'));
      const all = await collect(store.list('many/'));
      expect(all.map(({ key }) => key)).toEqual([...keys].sort());
      expect(all.every(({ key, bytes }) => bytes === key.length)).toBe(true);
      expect((await collect(store.list('many'))).length).toBe(1101);
      expect((await collect(store.list('many/3/00'))).map(({ key }) => key)).toEqual(
        keys.filter((key) => key.startsWith('many/3/00')).sort(),
      );
      expect((await collect(store.list(''))).length).toBeGreaterThan(1101);
    });

    it('keeps numbers, dots and dashes in keys as they are', async () => {
      const keys = ['0', '007', '1e5', 'true', 'n/1.50', 'n/-'.replace('-', '_-.'), 'n/a..b'];
      for (const key of keys) await store.put(key, text(key));
      const listed = new Set((await collect(store.list(''))).map(({ key }) => key));
      for (const key of keys) {
        expect(await store.get(key)).toEqual(text(key));
        expect(listed).toContain(key);
      }
    });

    it('refuses a bad key on every call, before any I/O', async () => {
      for (const key of [
        '',
        '/',
        '/etc/passwd',
        '../up',
        'a/../b',
        'a//b',
        'a/',
        '.',
        'a/.hidden',
        'a\\b',
        'ä',
        'a b',
      ]) {
        for (const call of [
          store.get(key),
          store.put(key, text('x')),
          store.putIfAbsent(key, text('x')),
          store.has(key),
          store.stat(key),
          store.delete(key),
        ]) {
          expect(await codeOf(call)).toBe('LCOMS_E_INPUT');
        }
      }
      const listing = async (prefix: string) => collect(store.list(prefix));
      for (const prefix of ['/', '../', 'a//', 'a/../b']) expect(await codeOf(listing(prefix))).toBe('LCOMS_E_INPUT');
    });

    it('lets one of 20 racers create an object', async () => {
      const answers = await Promise.all(
        Array.from({ length: 20 }, (_, i) => store.putIfAbsent('race/one', text(`racer ${i}`))),
      );
      expect(answers.filter((answer) => answer === 'created').length).toBe(1);
      expect(await store.get('race/one')).toEqual(text(`racer ${answers.indexOf('created')}`));
    });

    it('commits a node once among 20 attempts, and all go on with the same manifest', async () => {
      const artifacts = new ArtifactStore(store);
      const blob = await artifacts.putBlob('weights.bin', patternBytes(1000));
      const results = await Promise.all(
        Array.from({ length: 20 }, (_, i) => artifacts.commit(manifestOf({ node: 'raced' }, [blob], `attempt ${i}`))),
      );
      expect(results.filter(({ created }) => created).length).toBe(1);
      for (const { manifest } of results) expect(manifest).toEqual(results[0]?.manifest);
      await artifacts.verify(results[0]?.manifest ?? manifestOf({}, [], 'none'));
    });

    it('detects a truncated upload and mends it on the next putBlob', async () => {
      const artifacts = new ArtifactStore(store);
      const ref = await artifacts.putBlob('weights.bin', patternBytes(5000));
      await store.put(blobKey(ref.digest), patternBytes(4999));
      expect(await codeOf(artifacts.getBlob(ref))).toBe('LCOMS_E_ARTIFACT_CORRUPT');
      await expect(artifacts.getBlob(ref)).rejects.toThrow(/5000 bytes, 4999 are there/);
      expect(await codeOf(artifacts.commit(manifestOf({ node: 'cut' }, [ref])))).toBe('LCOMS_E_ARTIFACT_CORRUPT');
      await artifacts.putBlob('weights.bin', patternBytes(5000));
      expect(await artifacts.getBlob(ref)).toEqual(patternBytes(5000));
    });

    it('detects a wrong digest, naming the key and what was found', async () => {
      const artifacts = new ArtifactStore(store);
      const ref = await artifacts.putBlob('weights.bin', text('right'));
      await store.put(blobKey(ref.digest), text('wrong'));
      const error = await artifacts.getBlob(ref).catch((e: unknown) => e);
      expect(error).toMatchObject({ code: 'LCOMS_E_ARTIFACT_CORRUPT' });
      expect((error as Error).message).toContain(blobKey(ref.digest));
      expect((error as Error).message).toMatch(/sha256 [0-9a-f]{64}/);
    });

    it('takes a manifest that is cut off for corrupt, not for absent', async () => {
      const artifacts = new ArtifactStore(store);
      const { manifest } = await artifacts.commit(manifestOf({ node: 'half' }, []));
      const whole = await store.get(manifestKey(manifest.key));
      await store.put(manifestKey(manifest.key), whole.slice(0, whole.length / 2));
      expect(await codeOf(artifacts.findCommitted(manifest.key))).toBe('LCOMS_E_ARTIFACT_CORRUPT');
    });

    it('either refuses a key or gives back its object (any string)', async () => {
      const segment = fc.stringMatching(/^[A-Za-z0-9_][A-Za-z0-9._-]{0,20}$/);
      const key = fc.oneof(
        fc.string({ unit: 'binary', maxLength: 40 }),
        fc
          .array(fc.constantFrom('.', '..', 'a', '/', '\\', '%2e', '\0', '~', 'con'), { maxLength: 6 })
          .map((a) => a.join('')),
        fc.array(segment, { minLength: 1, maxLength: 4 }).map((segments) => segments.join('/')),
      );
      await fc.assert(
        fc.asyncProperty(key, async (any) => {
          // One subtree a key: a name can't be both an object and a folder.
          const own = `k${Buffer.from(any).toString('hex').slice(0, 100)}/${any}`;
          const code = await codeOf(store.put(own, text(any)));
          if (code === 'none') expect(await store.get(own)).toEqual(text(any));
          else expect(code).toBe('LCOMS_E_INPUT');
        }),
        { numRuns: 150 },
      );
    });
  });
}
