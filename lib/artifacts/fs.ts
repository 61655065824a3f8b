import { randomUUID } from 'node:crypto';
import { constants, type Dirent } from 'node:fs';
import { link, lstat, mkdir, open, readdir, realpath, rename, unlink } from 'node:fs/promises';
import path from 'node:path';
import { LcomsError } from '../../schemas/errors.js';
import { errnoOf, fsError, linkRefused } from './fs-errors.js';
import { realpathOfNearest, syncFolders } from './fs-path.js';
import { checkKey, checkPrefix, isKeySegment } from './key.js';
import type { Leftovers, ObjectStore, StoredObject } from './object-store.js';

/** Temporary files lie beside their target, so that the rename stays within a file system; no key begins with a dot. */
const TEMPORARY = '.tmp-';

const ABSENT = new Set(['ENOENT', 'ENOTDIR', 'EISDIR']);

/**
 * Objects as files under a folder, safe between processes of one machine. A write goes to a temporary file, is
 * fsynced, then renamed (`put`) or hard-linked (`putIfAbsent`, which fails when the name is taken) into place, and the
 * folder is fsynced. A symbolic link that leaves the folder is refused with LCOMS_E_STORE; links within it and the
 * folder itself being one are fine.
 */
export class FsStore implements ObjectStore {
  readonly #root: string;

  constructor(root: string) {
    this.#root = path.resolve(root);
  }

  readonly leftovers: Leftovers = {
    list: () => this.#walk('', (name) => name.startsWith(TEMPORARY)),
    delete: async (key) => {
      const folder = path.posix.dirname(key);
      if (!path.posix.basename(key).startsWith(TEMPORARY)) {
        throw new LcomsError('LCOMS_E_INPUT', `${JSON.stringify(key)} is not a temporary file of the store`);
      }
      if (folder !== '.') checkKey(folder);
      await this.#remove(key);
    },
  };

  async get(key: string): Promise<Uint8Array> {
    const file = await this.#locate(checkKey(key));
    try {
      const handle = await open(file, constants.O_RDONLY | constants.O_NOFOLLOW);
      try {
        const bytes = await handle.readFile();
        return new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength);
      } finally {
        await handle.close();
      }
    } catch (error) {
      if (ABSENT.has(errnoOf(error))) {
        throw new LcomsError('LCOMS_E_ARTIFACT_MISSING', `${this.describe()} has no object ${key}`, { path: file });
      }
      if (errnoOf(error) === 'ELOOP') throw linkRefused(file);
      throw fsError(error, 'read', file);
    }
  }

  async put(key: string, bytes: Uint8Array): Promise<void> {
    await this.#write(checkKey(key), bytes, rename);
  }

  async putIfAbsent(key: string, bytes: Uint8Array): Promise<'created' | 'exists'> {
    if (await this.has(key)) return 'exists';
    return this.#write(key, bytes, async (temporary, file) => {
      await link(temporary, file);
      await unlink(temporary);
    });
  }

  async has(key: string): Promise<boolean> {
    return (await this.stat(key)) !== null;
  }

  async stat(key: string): Promise<StoredObject | null> {
    const file = await this.#locate(checkKey(key));
    try {
      const stats = await lstat(file);
      if (stats.isSymbolicLink()) throw linkRefused(file);
      return stats.isFile() ? { key, bytes: stats.size, modifiedAt: stats.mtime } : null;
    } catch (error) {
      if (ABSENT.has(errnoOf(error))) return null;
      throw fsError(error, 'read', file);
    }
  }

  list(prefix: string): AsyncIterable<StoredObject> {
    return this.#walk(checkPrefix(prefix), isKeySegment);
  }

  async delete(key: string): Promise<void> {
    await this.#remove(checkKey(key));
  }

  describe(): string {
    return `file://${this.#root}`;
  }

  /** The file of a key, once its folder (or the nearest one there is) is known to lie inside the root. */
  async #locate(key: string): Promise<string> {
    const file = path.join(this.#root, key);
    try {
      const root = await realpath(this.#root);
      const folder = await realpathOfNearest(path.dirname(file));
      if (folder !== root && !folder.startsWith(root + path.sep)) throw linkRefused(path.dirname(file));
    } catch (error) {
      if (!ABSENT.has(errnoOf(error))) throw fsError(error, 'open', file);
    }
    return file;
  }

  async #write(
    key: string,
    bytes: Uint8Array,
    place: (temporary: string, file: string) => Promise<void>,
  ): Promise<'created' | 'exists'> {
    const file = await this.#locate(key);
    const folder = path.dirname(file);
    const temporary = path.join(folder, `${TEMPORARY}${process.pid}-${randomUUID()}`);
    try {
      const made = await mkdir(folder, { recursive: true });
      try {
        const handle = await open(temporary, 'wx');
        try {
          await handle.writeFile(bytes);
          await handle.sync();
        } finally {
          await handle.close();
        }
        await place(temporary, file);
      } catch (error) {
        await unlink(temporary).catch(() => undefined);
        if (errnoOf(error) === 'EEXIST') return 'exists';
        throw error;
      }
      await syncFolders(folder, made === undefined ? folder : path.dirname(made));
      return 'created';
    } catch (error) {
      throw fsError(error, 'write', file);
    }
  }

  async #remove(key: string): Promise<void> {
    const file = await this.#locate(key);
    try {
      await unlink(file);
    } catch (error) {
      if (!ABSENT.has(errnoOf(error))) throw fsError(error, 'delete', file);
    }
  }

  async *#walk(prefix: string, wanted: (name: string) => boolean): AsyncGenerator<StoredObject> {
    const start = prefix.slice(0, prefix.lastIndexOf('/') + 1);
    await this.#locate(`${start}_`);
    const pending = [start];
    for (let folder = pending.pop(); folder !== undefined; folder = pending.pop()) {
      for (const entry of await this.#entries(folder)) {
        const key = folder + entry.name;
        if (entry.isDirectory()) {
          const inside = `${key}/`;
          if (isKeySegment(entry.name) && (inside.startsWith(prefix) || prefix.startsWith(inside)))
            pending.push(inside);
        } else if (entry.isFile() && wanted(entry.name) && key.startsWith(prefix)) {
          const stats = await lstat(path.join(this.#root, key)).catch(() => null);
          if (stats) yield { key, bytes: stats.size, modifiedAt: stats.mtime };
        }
      }
    }
  }

  async #entries(folder: string): Promise<Dirent[]> {
    const where = path.join(this.#root, folder);
    try {
      return await readdir(where, { withFileTypes: true });
    } catch (error) {
      if (ABSENT.has(errnoOf(error))) return [];
      throw fsError(error, 'list', where);
    }
  }
}
