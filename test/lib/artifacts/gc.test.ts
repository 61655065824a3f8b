import { existsSync } from 'node:fs';
import { mkdtemp, rm, utimes, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { ArtifactStore } from '../../../lib/artifacts/artifact-store.js';
import { CheckpointStore } from '../../../lib/artifacts/checkpoints.js';
import { FsStore } from '../../../lib/artifacts/fs.js';
import { planGc, runGc } from '../../../lib/artifacts/gc.js';
import { blobKey, checkpointPrefix, claimPrefix, leasePrefix, manifestKey } from '../../../lib/artifacts/layout.js';
import { MemoryStore } from '../../../lib/artifacts/memory.js';
import { sha256 } from '../../../lib/hashing/sha256.js';
import { codeOf, collect } from './conformance.js';
import { manifestOf, text } from './samples.js';

const HOUR = 3_600_000;
const NODE = sha256('node');

/** A store whose clock the test moves. */
function clocked() {
  const clock = { now: 10 * HOUR };
  const now = () => clock.now;
  const store = new MemoryStore(now);
  return { clock, now, store, artifacts: new ArtifactStore(store, now) };
}

const keysOf = (objects: { key: string }[]) => objects.map(({ key }) => key);

describe('planGc and runGc', () => {
  it('finds nothing in an empty store', async () => {
    const plan = await planGc(new MemoryStore());
    expect(plan).toMatchObject({ delete: [], keep: 0 });
    expect(await runGc(plan)).toEqual({ deleted: 0, bytes: 0 });
  });

  it('takes what no manifest and no checkpoint names, and nothing else', async () => {
    const { clock, now, store, artifacts } = clocked();
    const committed = await artifacts.putBlob('a', text('committed'));
    await artifacts.commit(manifestOf({ node: 1 }, [committed]));
    await new CheckpointStore(store, NODE).save(1, [{ name: 'w', bytes: text('checkpointed') }], {});
    const orphan = await artifacts.putBlob('b', text('orphan'));
    const spared = await artifacts.putBlob('c', text('spared'));
    await store.put('runs/1.json', text('not a blob'));
    clock.now += 2 * HOUR;
    const before = keysOf(await collect(store.list('')));
    const plan = await planGc(store, { now, keepKeys: [blobKey(spared.digest)] });
    expect(plan.delete).toMatchObject([{ key: blobKey(orphan.digest), bytes: 6, kind: 'blob' }]);
    expect(plan.keep).toBe(3);
    expect(keysOf(await collect(store.list('')))).toEqual(before);
    expect(await runGc(plan)).toEqual({ deleted: 1, bytes: 6 });
    expect(keysOf(await collect(store.list('')))).toEqual(before.filter((key) => key !== blobKey(orphan.digest)));
  });

  it('spares what is younger than the grace period', async () => {
    const { clock, now, store, artifacts } = clocked();
    await artifacts.putBlob('a', text('on its way'));
    clock.now += HOUR - 1;
    expect((await planGc(store, { now })).delete).toEqual([]);
    clock.now += 2;
    expect((await planGc(store, { now })).delete.length).toBe(1);
    expect((await planGc(store, { now, graceMs: 3 * HOUR })).delete).toEqual([]);
  });

  it('spares a blob that a new attempt takes up between plan and deletion', async () => {
    const { clock, now, store, artifacts } = clocked();
    await artifacts.putBlob('a', text('again'));
    clock.now += 2 * HOUR;
    const plan = await planGc(store, { now });
    const blob = await artifacts.putBlob('a', text('again'));
    const { manifest } = await artifacts.commit(manifestOf({ node: 1 }, [blob]));
    expect(await runGc(plan)).toEqual({ deleted: 0, bytes: 0 });
    await artifacts.verify(manifest);
  });

  it('frees the blobs of pruned checkpoints that nobody else names', async () => {
    const { clock, now, store, artifacts } = clocked();
    const checkpoints = new CheckpointStore(store, NODE);
    const shared = await artifacts.putBlob('a', text('shared'));
    await artifacts.commit(manifestOf({ node: 1 }, [shared]));
    await checkpoints.save(1, [{ name: 'w', bytes: text('shared') }], {});
    await checkpoints.save(2, [{ name: 'w', bytes: text('own') }], {});
    await checkpoints.clear();
    clock.now += 2 * HOUR;
    expect(keysOf((await planGc(store, { now })).delete)).toEqual([blobKey(sha256('own'))]);
  });

  it('takes every checkpoint of a node that is done, and its blobs', async () => {
    const { clock, now, store, artifacts } = clocked();
    const made = await artifacts.putBlob('a', text('result'));
    const manifest = manifestOf({ node: 1 }, [made]);
    await artifacts.commit(manifest);
    const checkpoints = new CheckpointStore(store, manifest.key);
    await checkpoints.save(1, [{ name: 'w', bytes: text('half way') }], {});
    clock.now += 2 * HOUR;
    const plan = await planGc(store, { now });
    // The checkpoint first: should we die in between, none is left that names a blob which is gone.
    expect(plan.delete.map(({ kind }) => kind)).toEqual(['checkpoint', 'blob']);
    await runGc(plan);
    expect(await checkpoints.names()).toEqual([]);
    await artifacts.verify(manifest);
  });

  it('keeps of a node under way the best and the last checkpoints, so that it can be resumed', async () => {
    const { clock, now, store } = clocked();
    const checkpoints = new CheckpointStore(store, NODE);
    for (const [step, loss] of [5, 1, 4, 3, 2].entries())
      await checkpoints.save(step, [{ name: 'w', bytes: text(`at ${step}`) }], { loss });
    clock.now += 2 * HOUR;
    const plan = await planGc(store, { now, keepLast: 2 });
    const steps = (kind: string) => plan.delete.filter((each) => each.kind === kind).length;
    expect([steps('checkpoint'), steps('blob')]).toEqual([2, 2]);
    await runGc(plan);
    const left = await Promise.all((await checkpoints.names()).map((name) => checkpoints.load(name)));
    expect(left.map(({ step }) => step)).toEqual([4, 3, 1]);
    expect(keysOf((await planGc(store, { now, keepLast: 1 })).delete).length).toBe(2);
  });

  it('takes claims and leases of nodes that are done, and of nodes under way none', async () => {
    const { clock, now, store, artifacts } = clocked();
    const manifest = manifestOf({ node: 1 }, [await artifacts.putBlob('a', text('result'))]);
    await artifacts.commit(manifest);
    const traces = (node: string) => [
      `${claimPrefix(node)}000001.json`,
      `${leasePrefix(node)}0`,
      `${leasePrefix(node)}12`,
    ];
    for (const key of [...traces(manifest.key), ...traces(NODE)]) await store.put(key, text('{}'));
    expect((await planGc(store, { now })).delete).toEqual([]);
    clock.now += 2 * HOUR;
    const plan = await planGc(store, { now });
    expect(plan.delete.map(({ key, kind }) => [kind, key])).toEqual(traces(manifest.key).map((key) => ['turn', key]));
    await runGc(plan);
    expect(keysOf((await planGc(store, { now })).delete)).toEqual([]);
    for (const key of traces(NODE)) expect(await store.has(key)).toBe(true);
  });

  it('takes metrics of runs that are gone, but those of a result that is there', async () => {
    const { clock, now, store, artifacts } = clocked();
    const manifest = manifestOf({ node: 1 }, [await artifacts.putBlob('a', text('result'))]);
    await artifacts.commit({ ...manifest, provenance: { ...manifest.provenance, run: 'maker' } });
    for (const run of ['gone', 'maker', 'there'])
      await store.put(`metrics/${run}/encoder-0/000001-0000.jsonl`, text('{}'));
    clock.now += 2 * HOUR;
    expect((await planGc(store, { now })).delete).toEqual([]);
    expect((await planGc(store, { now, runs: ['there'] })).delete).toMatchObject([
      { key: 'metrics/gone/encoder-0/000001-0000.jsonl', kind: 'metrics' },
    ]);
  });

  it('takes checkpoints that cannot be read', async () => {
    const { clock, now, store } = clocked();
    const key = `${checkpointPrefix(NODE)}000000000001-01234567.json`;
    await store.put(key, text('{'));
    clock.now += 2 * HOUR;
    const plan = await planGc(store, { now });
    expect(plan.delete).toMatchObject([{ key, kind: 'checkpoint' }]);
    await runGc(plan);
    expect(await store.has(key)).toBe(false);
  });

  it('takes nothing while a node manifest cannot be read', async () => {
    const { now, store } = clocked();
    await store.put(manifestKey(NODE), text('{'));
    expect(await codeOf(planGc(store, { now }))).toBe('LCOMS_E_ARTIFACT_CORRUPT');
  });

  it('removes old temporary files of a folder, not young ones', async () => {
    const folder = await mkdtemp(path.join(os.tmpdir(), 'lcoms-gc-'));
    const store = new FsStore(folder);
    await store.put('blobs/sha256/x', text('x'));
    const [old, young] = [path.join(folder, 'blobs', '.tmp-1-old'), path.join(folder, 'blobs', '.tmp-2-young')];
    for (const file of [old, young]) await writeFile(file, 'half');
    await utimes(old, 0, 0);
    const plan = await planGc(store);
    expect(plan.delete).toMatchObject([{ key: 'blobs/.tmp-1-old', bytes: 4, kind: 'leftover' }]);
    expect(await runGc(plan)).toEqual({ deleted: 1, bytes: 4 });
    expect([existsSync(old), existsSync(young)]).toEqual([false, true]);
    await rm(folder, { recursive: true });
  });
});
