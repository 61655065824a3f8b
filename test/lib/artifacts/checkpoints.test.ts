import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CheckpointStore } from '../../../lib/artifacts/checkpoints.js';
import { blobKey, checkpointPrefix } from '../../../lib/artifacts/layout.js';
import { MemoryStore } from '../../../lib/artifacts/memory.js';
import { sha256 } from '../../../lib/hashing/sha256.js';
import { LcomsError } from '../../../schemas/errors.js';
import { codeOf, collect } from './conformance.js';
import { text } from './samples.js';

const NODE = sha256('node');

function open(nodeKey = NODE, store = new MemoryStore()) {
  const warnings: LcomsError[] = [];
  const checkpoints = new CheckpointStore(store, nodeKey, { onWarning: (warning) => warnings.push(warning) });
  return { store, checkpoints, warnings };
}

const weights = (value: string) => [{ name: 'weights.bin', bytes: text(value) }];

describe('CheckpointStore', () => {
  it('has no latest one at first', async () => {
    expect(await open().checkpoints.latest()).toBeNull();
  });

  it('gives back the newest: blobs, step and info', async () => {
    const { checkpoints } = open();
    const info = { rng: [1, 2], epoch: 3, metrics: { loss: 0.25 } };
    await checkpoints.save(9, weights('nine'), { epoch: 2 });
    const name = await checkpoints.save(10, [...weights('ten'), { name: 'slots.bin', bytes: text('s') }], info);
    await checkpoints.save(2, weights('two'), {});
    expect(name).toMatch(/^000000000010-[0-9a-f]{8}$/);
    const latest = await checkpoints.latest();
    expect(latest).toMatchObject({ name, step: 10, info });
    expect([...(latest?.blobs ?? [])]).toEqual([
      ['weights.bin', text('ten')],
      ['slots.bin', text('s')],
    ]);
    expect(await checkpoints.load(name)).toEqual(latest);
  });

  it('is the same checkpoint when the same is saved again', async () => {
    const { checkpoints, store } = open();
    const names = [
      await checkpoints.save(1, weights('x'), { a: 1 }),
      await checkpoints.save(1, weights('x'), { a: 1 }),
    ];
    expect(names[0]).toBe(names[1]);
    expect((await collect(store.list(''))).length).toBe(2);
  });

  it('keeps the checkpoints of nodes apart', async () => {
    const { checkpoints, store } = open();
    await checkpoints.save(5, weights('x'), {});
    expect(await open(sha256('other'), store).checkpoints.latest()).toBeNull();
  });

  it('passes over corrupt and half-written ones with a warning each, back to the one before', async () => {
    const { checkpoints, store, warnings } = open();
    const good = await checkpoints.save(1, weights('one'), {});
    await checkpoints.save(2, weights('two'), {});
    await checkpoints.save(3, weights('three'), {});
    const cut = await checkpoints.save(4, weights('four'), {});
    await store.delete(blobKey(sha256('two')));
    await store.put(blobKey(sha256('three')), text('THREE'));
    const manifest = `${checkpointPrefix(NODE)}${cut}.json`;
    await store.put(manifest, (await store.get(manifest)).slice(0, 20));
    expect(await checkpoints.latest()).toMatchObject({ name: good, step: 1 });
    expect(warnings.map(({ code }) => code)).toEqual([
      'LCOMS_E_ARTIFACT_CORRUPT',
      'LCOMS_E_ARTIFACT_CORRUPT',
      'LCOMS_E_ARTIFACT_MISSING',
    ]);
    expect(warnings[0]?.message).toContain(manifest);
  });

  it('does not see blobs without a manifest, or strange names', async () => {
    const { checkpoints, store, warnings } = open();
    await store.put(blobKey(sha256('x')), text('x'));
    for (const name of ['000000000009-abc.json', 'notes.txt', '000000000009-0123abcd']) {
      await store.put(checkpointPrefix(NODE) + name, text('x'));
    }
    expect(await checkpoints.latest()).toBeNull();
    expect(warnings).toEqual([]);
  });

  it('does not go back to an older one because the store is away', async () => {
    const { checkpoints, store } = open();
    await checkpoints.save(1, weights('one'), {});
    store.get = async () => {
      throw new LcomsError('LCOMS_E_STORE', 'away');
    };
    expect(await codeOf(checkpoints.latest())).toBe('LCOMS_E_STORE');
    expect(await codeOf(checkpoints.prune())).toBe('LCOMS_E_STORE');
  });

  it('refuses steps, names and info that cannot be stored', async () => {
    const { checkpoints, store } = open();
    for (const step of [-1, 1.5, Number.NaN, 1e12])
      expect(await codeOf(checkpoints.save(step, [], {}))).toBe('LCOMS_E_INPUT');
    expect(await codeOf(checkpoints.save(1, [...weights('a'), ...weights('b')], {}))).toBe('LCOMS_E_INPUT');
    expect(await codeOf(checkpoints.save(1, weights('a'), { loss: Number.NaN }))).toBe('LCOMS_E_INPUT');
    expect(await codeOf(checkpoints.load('../../manifests/x'))).toBe('LCOMS_E_INPUT');
    expect(await codeOf(checkpoints.load('000000000001-01234567'))).toBe('LCOMS_E_ARTIFACT_MISSING');
    expect(await collect(store.list(''))).toEqual([]);
  });

  it('prunes to the best and the last two, and leaves every blob', async () => {
    const { checkpoints, store } = open();
    const losses = [5, 1, 3, 4, 2, 6];
    for (const [step, loss] of losses.entries()) await checkpoints.save(step, weights(`w${step}`), { loss });
    const gone = await checkpoints.prune();
    expect(gone.map((name) => Number(name.slice(0, 12)))).toEqual([3, 2, 0]);
    expect((await checkpoints.names()).map((name) => Number(name.slice(0, 12)))).toEqual([5, 4, 1]);
    expect((await collect(store.list('blobs/'))).length).toBe(6);
    expect((await checkpoints.latest())?.step).toBe(5);
  });

  it('takes the loss from where it is told', async () => {
    const { checkpoints } = open();
    for (const [step, reward] of [1, 9, 3].entries()) await checkpoints.save(step, [], { reward });
    await checkpoints.prune({ last: 1, lossOf: ({ reward }) => -(reward as number) });
    expect((await checkpoints.names()).map((name) => Number(name.slice(0, 12)))).toEqual([2, 1]);
  });

  it('never prunes the newest and the best, nor anything that is not its own (any losses)', async () => {
    const loss = fc.option(fc.double({ noNaN: true, noDefaultInfinity: true }), { nil: undefined });
    await fc.assert(
      fc.asyncProperty(fc.array(loss, { maxLength: 8 }), fc.integer({ min: -1, max: 5 }), async (losses, last) => {
        const { checkpoints, store } = open();
        const other = open(sha256('other'), store).checkpoints;
        await other.save(0, weights('w0'), {});
        for (const [step, each] of losses.entries()) {
          await checkpoints.save(step, weights(`w${step}`), each === undefined ? {} : { loss: each });
        }
        await checkpoints.prune({ last });
        const steps = (await checkpoints.names()).map((name) => Number(name.slice(0, 12)));
        const newest = losses.map((_, step) => step).slice(-Math.max(1, last));
        for (const step of newest) expect(steps).toContain(step);
        const rated = losses.filter((each) => each !== undefined);
        if (rated.length > 0) expect(steps.map((step) => losses[step])).toContain(Math.min(...rated));
        expect(steps.length).toBeLessThanOrEqual(newest.length + 1);
        expect((await other.latest())?.step).toBe(0);
      }),
      { numRuns: 60 },
    );
  });

  it('prunes unreadable ones only while a readable one stays', async () => {
    const { checkpoints, store, warnings } = open();
    const name = await checkpoints.save(7, weights('x'), {});
    await store.put(`${checkpointPrefix(NODE)}${name}.json`, text('{'));
    expect(await checkpoints.prune()).toEqual([]);
    await checkpoints.save(3, weights('y'), {});
    expect(await checkpoints.prune()).toEqual([name]);
    expect(warnings.length).toBe(2);
  });

  it('clears all of its node', async () => {
    const { checkpoints, store } = open();
    const other = open(sha256('other'), store).checkpoints;
    await checkpoints.save(1, weights('x'), {});
    await other.save(1, weights('x'), {});
    await checkpoints.clear();
    expect(await checkpoints.latest()).toBeNull();
    expect((await other.latest())?.step).toBe(1);
  });
});
