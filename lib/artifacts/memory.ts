import { LcomsError } from '../../schemas/errors.js';
import { checkKey, checkPrefix } from './key.js';
import type { ObjectStore, StoredObject } from './object-store.js';

/** A store that lives and dies with the object; for tests and for work that nobody resumes. */
export class MemoryStore implements ObjectStore {
  readonly #objects = new Map<string, { bytes: Uint8Array; modifiedAt: Date }>();

  /** @param now the store's clock, in ms since the epoch. */
  constructor(private readonly now: () => number = Date.now) {}

  async get(key: string): Promise<Uint8Array> {
    const object = this.#objects.get(checkKey(key));
    if (!object) throw new LcomsError('LCOMS_E_ARTIFACT_MISSING', `${this.describe()} has no object ${key}`);
    return object.bytes.slice();
  }

  async put(key: string, bytes: Uint8Array): Promise<void> {
    this.#objects.set(checkKey(key), { bytes: Uint8Array.from(bytes), modifiedAt: new Date(this.now()) });
  }

  async putIfAbsent(key: string, bytes: Uint8Array): Promise<'created' | 'exists'> {
    if (this.#objects.has(checkKey(key))) return 'exists';
    await this.put(key, bytes);
    return 'created';
  }

  async has(key: string): Promise<boolean> {
    return this.#objects.has(checkKey(key));
  }

  async stat(key: string): Promise<StoredObject | null> {
    const object = this.#objects.get(checkKey(key));
    return object ? { key, bytes: object.bytes.length, modifiedAt: object.modifiedAt } : null;
  }

  async *list(prefix: string): AsyncIterable<StoredObject> {
    checkPrefix(prefix);
    for (const [key, { bytes, modifiedAt }] of [...this.#objects]) {
      if (key.startsWith(prefix)) yield { key, bytes: bytes.length, modifiedAt };
    }
  }

  async delete(key: string): Promise<void> {
    this.#objects.delete(checkKey(key));
  }

  describe(): string {
    return 'memory:';
  }
}
