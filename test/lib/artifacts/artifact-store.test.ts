import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ArtifactStore, artifactDigest, REFRESH_AFTER_MS } from '../../../lib/artifacts/artifact-store.js';
import { blobKey, manifestKey } from '../../../lib/artifacts/layout.js';
import { MemoryStore } from '../../../lib/artifacts/memory.js';
import { probeStore } from '../../../lib/artifacts/probe.js';
import { sha256 } from '../../../lib/hashing/sha256.js';
import type { BlobRef, NodeManifest } from '../../../schemas/artifact.js';
import { codeOf } from './conformance.js';
import { manifestOf, text } from './samples.js';

/** Counts the writes that get through, and may change what the store answers. */
class WatchedStore extends MemoryStore {
  writes: string[] = [];

  override async put(key: string, bytes: Uint8Array): Promise<void> {
    this.writes.push(key);
    await super.put(key, bytes);
  }
}

describe('blobs', () => {
  it('have the sha256 of their bytes, as other tools compute it', async () => {
    const ref = await new ArtifactStore(new MemoryStore()).putBlob('a.txt', text('abc'));
    // FIPS 180-2, B.1.
    const digest = 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad';
    expect(ref).toEqual({ name: 'a.txt', bytes: 3, digest });
    expect(blobKey(digest)).toBe(`blobs/sha256/ba/78/${digest}`);
  });

  it('are sent once, whatever they are called', async () => {
    const store = new WatchedStore();
    const artifacts = new ArtifactStore(store);
    await artifacts.putBlob('a', text('abc'));
    await artifacts.putBlob('b', text('abc'));
    expect(store.writes.length).toBe(1);
  });

  it('are sent again when they are old enough for gc to take them', async () => {
    let now = 0;
    const store = new WatchedStore(() => now);
    const artifacts = new ArtifactStore(store, () => now);
    await artifacts.putBlob('a', text('abc'));
    now = REFRESH_AFTER_MS;
    await artifacts.putBlob('a', text('abc'));
    expect(store.writes.length).toBe(2);
  });

  it('come back as they went (any bytes)', async () => {
    const artifacts = new ArtifactStore(new MemoryStore());
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 2000 }), async (bytes) => {
        expect(await artifacts.getBlob(await artifacts.putBlob('x', bytes))).toEqual(bytes);
      }),
    );
  });

  it.each(['', '../x', 'a/b', '.hidden', 'x'.repeat(101), 'ä'])('cannot be called %j', async (name) => {
    expect(await codeOf(new ArtifactStore(new MemoryStore()).putBlob(name, text('x')))).toBe('LCOMS_E_INPUT');
  });

  it('cannot be asked for by a digest that is a path', async () => {
    const ref: BlobRef = { name: 'x', bytes: 1, digest: '../../../etc/passwd' };
    expect(await codeOf(new ArtifactStore(new MemoryStore()).getBlob(ref))).toBe('LCOMS_E_INPUT');
  });
});

describe('artifactDigest', () => {
  const ref = (name: string, content: string): BlobRef => ({
    name,
    bytes: content.length,
    digest: sha256(content),
  });

  it('does not depend on the order of the blobs, but on everything else', () => {
    const [a, b] = [ref('a', 'one'), ref('b', 'two')];
    const digest = artifactDigest('scores', [a, b]);
    expect(artifactDigest('scores', [b, a])).toBe(digest);
    expect(artifactDigest('truth', [a, b])).not.toBe(digest);
    expect(artifactDigest('scores', [a])).not.toBe(digest);
    expect(artifactDigest('scores', [ref('b', 'one'), ref('a', 'two')])).not.toBe(digest);
  });

  it('is the sha256 of the canonical JSON, as a reader of the format computes it', () => {
    const { digest } = ref('a', 'one');
    expect(artifactDigest('scores', [ref('a', 'one')])).toBe(
      sha256(`["scores",[{"bytes":3,"digest":"${digest}","name":"a"}]]`),
    );
  });
});

describe('commit', () => {
  it('stores the manifest, which is found again as it was', async () => {
    const artifacts = new ArtifactStore(new MemoryStore());
    const blob = await artifacts.putBlob('a', text('abc'));
    const manifest = manifestOf({ step: 'encode', seed: 3 }, [blob]);
    expect(await artifacts.findCommitted(manifest.key)).toBeNull();
    expect(await artifacts.commit(manifest)).toEqual({ manifest, created: true });
    expect(await artifacts.findCommitted(manifest.key)).toEqual(manifest);
    await artifacts.verify(manifest);
  });

  it('goes on with the first result when a second attempt has another', async () => {
    const artifacts = new ArtifactStore(new MemoryStore());
    const first = manifestOf({ step: 'encode' }, [await artifacts.putBlob('a', text('first'))]);
    const second = manifestOf({ step: 'encode' }, [await artifacts.putBlob('a', text('second'))]);
    await artifacts.commit(first);
    expect(await artifacts.commit(second)).toEqual({ manifest: first, created: false });
  });

  it('refuses a manifest whose blobs are not there', async () => {
    const artifacts = new ArtifactStore(new MemoryStore());
    const manifest = manifestOf({}, [{ name: 'a', bytes: 3, digest: sha256('abc') }]);
    expect(await codeOf(artifacts.commit(manifest))).toBe('LCOMS_E_ARTIFACT_MISSING');
    expect(await artifacts.findCommitted(manifest.key)).toBeNull();
  });

  const wrong: [string, (manifest: NodeManifest) => NodeManifest][] = [
    ['key', (m) => ({ ...m, key: sha256('other') })],
    ['artifact digest', (m) => ({ ...m, artifact: { ...m.artifact, digest: sha256('other') } })],
    ['metric', (m) => ({ ...m, metrics: { loss: Number.NaN } })],
    ['identity', (m) => ({ ...m, identity: { x: Number.POSITIVE_INFINITY } })],
    ['member', (m) => ({ ...m, extra: 1 }) as NodeManifest],
  ];
  it.each(wrong)('refuses a wrong %s', async (_, spoil) => {
    const artifacts = new ArtifactStore(new MemoryStore());
    const manifest = spoil(manifestOf({ step: 'encode' }, []));
    expect(await codeOf(artifacts.commit(manifest))).toBe('LCOMS_E_INPUT');
    expect(await artifacts.findCommitted(manifest.key)).toBeNull();
  });

  it('refuses two blobs of one name', async () => {
    const artifacts = new ArtifactStore(new MemoryStore());
    const blobs = [await artifacts.putBlob('a', text('1')), await artifacts.putBlob('a', text('2'))];
    await expect(artifacts.commit(manifestOf({}, blobs))).rejects.toThrow(/two blobs share a name/);
  });
});

describe('findCommitted', () => {
  const spoilt: [string, (whole: string) => string][] = [
    ['is not JSON', () => 'half a manif'],
    ['is empty', () => ''],
    ['lacks a member', (whole) => whole.replace('"version":1', '"version":2')],
    ['was edited', (whole) => whole.replace('"step":"encode"', '"step":"decode"')],
    ['names other blobs', (whole) => whole.replace('"name":"a"', '"name":"b"')],
  ];
  it.each(spoilt)('takes a manifest that %s for corrupt, naming its key', async (_, spoil) => {
    const store = new MemoryStore();
    const artifacts = new ArtifactStore(store);
    const { key } = (
      await artifacts.commit(manifestOf({ step: 'encode' }, [await artifacts.putBlob('a', text('abc'))]))
    ).manifest;
    await store.put(manifestKey(key), text(spoil(new TextDecoder().decode(await store.get(manifestKey(key))))));
    const error = await artifacts.findCommitted(key).catch((e: unknown) => e);
    expect(error).toMatchObject({ code: 'LCOMS_E_ARTIFACT_CORRUPT', where: manifestKey(key) });
    // And it is not overwritten in silence.
    expect(await codeOf(artifacts.commit(manifestOf({ step: 'encode' }, [])))).toBe('LCOMS_E_ARTIFACT_CORRUPT');
  });

  it('does not take the manifest of another node', async () => {
    const store = new MemoryStore();
    const artifacts = new ArtifactStore(store);
    const { manifest } = await artifacts.commit(manifestOf({ node: 1 }, []));
    const other = sha256('other');
    await store.put(manifestKey(other), await store.get(manifestKey(manifest.key)));
    expect(await codeOf(artifacts.findCommitted(other))).toBe('LCOMS_E_ARTIFACT_CORRUPT');
  });

  it('passes on that the store cannot be used, instead of taking the node for new', async () => {
    const store = new MemoryStore();
    store.get = async () => {
      throw new TypeError('broken');
    };
    await expect(new ArtifactStore(store).findCommitted(sha256('x'))).rejects.toThrow('broken');
  });
});

describe('verify and discard', () => {
  it('finds a blob that went, and makes room for a new result', async () => {
    const store = new MemoryStore();
    const artifacts = new ArtifactStore(store);
    const blob = await artifacts.putBlob('a', text('abc'));
    const { manifest } = await artifacts.commit(manifestOf({ node: 1 }, [blob]));
    await store.delete(blobKey(blob.digest));
    expect(await codeOf(artifacts.verify(manifest))).toBe('LCOMS_E_ARTIFACT_MISSING');
    await artifacts.discard(manifest.key);
    await artifacts.putBlob('a', text('abc'));
    expect((await artifacts.commit(manifest)).created).toBe(true);
    await artifacts.verify(manifest);
  });
});

describe('probeStore', () => {
  it('finds a service that overwrites on a conditional write', async () => {
    const store = new MemoryStore();
    store.putIfAbsent = async (key, bytes) => {
      await store.put(key, bytes);
      return 'created';
    };
    await expect(probeStore(store)).rejects.toMatchObject({ code: 'LCOMS_E_STORE' });
  });
});
