import { existsSync } from 'node:fs';
import { chmod, lstat, mkdir, mkdtemp, open, readdir, rm, symlink, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import { FsStore } from '../../../lib/artifacts/fs.js';
import { fsError } from '../../../lib/artifacts/fs-errors.js';
import { codeOf, collect, conformsToObjectStore } from './conformance.js';
import { patternBytes, text } from './samples.js';

const folders: string[] = [];

async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'lcoms-fs-'));
  folders.push(folder);
  return folder;
}

conformsToObjectStore('folder', async () => {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'lcoms-fs-'));
  return { store: new FsStore(folder), close: () => rm(folder, { recursive: true }) };
});

conformsToObjectStore('folder that is a link and is not there yet', async () => {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'lcoms-fs-'));
  await mkdir(path.join(folder, 'disk'));
  await symlink(path.join(folder, 'disk'), path.join(folder, 'link'));
  return { store: new FsStore(path.join(folder, 'link', 'store')), close: () => rm(folder, { recursive: true }) };
});

describe('folder store', () => {
  afterEach(async () => {
    for (const folder of folders.splice(0)) await rm(folder, { recursive: true, force: true });
  });

  it('never writes outside its folder, whatever the key', async () => {
    const folder = await temporaryFolder();
    const store = new FsStore(path.join(folder, 'a', 'b', 'store'));
    const piece = fc.constantFrom('..', '.', '/', '//', 'a', '\\', '\0', 'store', '%2e%2e', '~', '\u2024\u2024', '-');
    await fc.assert(
      fc.asyncProperty(fc.array(piece, { minLength: 1, maxLength: 8 }), async (pieces) => {
        const key = pieces.join('');
        await codeOf(store.put(`${key}`, text('x')));
        await codeOf(store.delete(key));
        expect(await readdir(folder)).toEqual(existsSync(path.join(folder, 'a')) ? ['a'] : []);
        if (existsSync(path.join(folder, 'a'))) {
          expect(await readdir(path.join(folder, 'a'))).toEqual(['b']);
          expect(await readdir(path.join(folder, 'a', 'b'))).toEqual(['store']);
        }
      }),
      { numRuns: 200 },
    );
  });

  it('refuses symbolic links that leave the folder, for reading and for writing', async () => {
    const folder = await temporaryFolder();
    const outside = path.join(folder, 'outside');
    const root = path.join(folder, 'store');
    await mkdir(outside);
    await mkdir(root);
    await writeFile(path.join(outside, 'secret'), 'secret');
    await symlink(outside, path.join(root, 'blobs'));
    await symlink(path.join(outside, 'secret'), path.join(root, 'file'));
    const store = new FsStore(root);
    for (const key of ['blobs/secret', 'blobs/deep/er', 'file']) {
      expect(await codeOf(store.get(key)), key).toBe('LCOMS_E_STORE');
      expect(await codeOf(store.stat(key)).then((code) => code !== 'none' || key === 'blobs/deep/er')).toBe(true);
    }
    expect(await codeOf(store.put('blobs/new', text('x')))).toBe('LCOMS_E_STORE');
    expect(await codeOf(store.put('blobs/deep/new', text('x')))).toBe('LCOMS_E_STORE');
    expect(await codeOf(store.delete('blobs/secret'))).toBe('LCOMS_E_STORE');
    expect(await codeOf(collect(store.list('blobs/')))).toBe('LCOMS_E_STORE');
    expect(await collect(store.list(''))).toEqual([]);
    expect(await readdir(outside)).toEqual(['secret']);
  });

  it('replaces a link in place of an object by the object', async () => {
    const folder = await temporaryFolder();
    await writeFile(path.join(folder, 'target'), 'target');
    await mkdir(path.join(folder, 'store'));
    await symlink('../target', path.join(folder, 'store', 'a'));
    const store = new FsStore(path.join(folder, 'store'));
    await store.put('a', text('x'));
    expect((await lstat(path.join(folder, 'store', 'a'))).isFile()).toBe(true);
    expect(await store.get('a')).toEqual(text('x'));
  });

  it('leaves no temporary file, whether it creates, replaces or loses a race', async () => {
    const folder = await temporaryFolder();
    const store = new FsStore(folder);
    await Promise.all(Array.from({ length: 20 }, () => store.putIfAbsent('a/b', text('x'))));
    await Promise.all(Array.from({ length: 20 }, () => store.put('a/c', text('x'))));
    expect((await readdir(path.join(folder, 'a'))).sort()).toEqual(['b', 'c']);
  });

  it('shows what dead writers left as leftovers only, and deletes nothing else as such', async () => {
    const folder = await temporaryFolder();
    const store = new FsStore(folder);
    await store.put('a/b', text('x'));
    await writeFile(path.join(folder, 'a', '.tmp-1-x'), 'half');
    await writeFile(path.join(folder, '.tmp-2-x'), 'half');
    expect((await collect(store.list(''))).map(({ key }) => key)).toEqual(['a/b']);
    expect((await collect(store.leftovers.list())).map(({ key }) => key)).toEqual(['.tmp-2-x', 'a/.tmp-1-x']);
    expect(await codeOf(store.leftovers.delete('a/b'))).toBe('LCOMS_E_INPUT');
    expect(await codeOf(store.leftovers.delete('../.tmp-x'))).toBe('LCOMS_E_INPUT');
    await store.leftovers.delete('a/.tmp-1-x');
    await store.leftovers.delete('.tmp-2-x');
    expect(await collect(store.leftovers.list())).toEqual([]);
    expect(await store.has('a/b')).toBe(true);
  });

  it('replaces whole objects while others read', async () => {
    const store = new FsStore(await temporaryFolder());
    const sizes = [10_000, 20_000];
    await store.put('a', patternBytes(10_000));
    const writing = (async () => {
      for (let i = 0; i < 50; i++) await store.put('a', patternBytes(sizes[i % 2] ?? 0));
    })();
    for (let i = 0; i < 200; i++) expect(sizes).toContain((await store.get('a')).length);
    await writing;
  });

  it('says that a file is in the way, naming the path', async () => {
    const folder = await temporaryFolder();
    await writeFile(path.join(folder, 'file'), 'x');
    const error = await new FsStore(path.join(folder, 'file', 'store')).put('a', text('x')).catch((e: unknown) => e);
    expect(error).toMatchObject({ code: 'LCOMS_E_STORE', retryable: true });
    expect((error as Error).message).toContain(path.join(folder, 'file', 'store', 'a'));
  });

  it('says that it may not write, naming the path', async ({ skip }) => {
    const folder = await temporaryFolder();
    await chmod(folder, 0o555);
    const asRoot = process.geteuid?.() === 0;
    if (asRoot) process.seteuid?.(65534);
    try {
      const store = new FsStore(path.join(folder, 'store'));
      const error = await store.put('a', text('x')).catch((e: unknown) => e);
      if (error === undefined) skip('this user may write anywhere');
      expect(error).toMatchObject({ code: 'LCOMS_E_STORE' });
      expect((error as Error).message).toMatch(/EACCES/);
      expect((error as Error).message).toContain(path.join(folder, 'store', 'a'));
    } finally {
      if (asRoot) process.seteuid?.(0);
    }
  });

  it.skipIf(!existsSync('/dev/full'))('says that the disk is full, with the way out', async () => {
    const handle = await open('/dev/full', 'w');
    const error = await handle.writeFile('x').catch((e: unknown) => e);
    await handle.close();
    const mapped = fsError(error, 'write', '/store/a');
    expect(mapped).toMatchObject({ code: 'LCOMS_E_STORE', message: 'cannot write /store/a: ENOSPC' });
    expect(mapped.hint).toMatch(/disk is full/);
  });
});
