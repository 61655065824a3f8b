/** An object as a store lists it. */
export interface StoredObject {
  key: string;
  /** Size in bytes. */
  bytes: number;
  /** When the object was last written, by the store's clock. */
  modifiedAt: Date;
}

/** What a writer that died may leave beside the objects: never readable as an object, taken away by gc. */
export interface Leftovers {
  list(): AsyncIterable<StoredObject>;
  delete(key: string): Promise<void>;
}

/**
 * A flat store of objects by key: the one interface of the drivers (folder, S3, memory).
 *
 * An object is whole or absent: a reader never sees half a write. Every method throws LCOMS_E_INPUT for a key that
 * `checkKey` refuses, before any I/O; LCOMS_E_STORE when the store can't be used and LCOMS_E_STORE_AUTH when it
 * refuses the credentials. A key that is a folder of other keys (`a` where `a/b` exists) must not be used: a folder
 * can't hold both, S3 could.
 */
export interface ObjectStore {
  /** The bytes, a copy of the caller's own. Throws LCOMS_E_ARTIFACT_MISSING. */
  get(key: string): Promise<Uint8Array>;

  /** Writes or replaces the whole object, durably. Safe to repeat: the last complete write wins. */
  put(key: string, bytes: Uint8Array): Promise<void>;

  /**
   * Writes the object when there is none (If-None-Match: *), atomically between processes: of any number of racers at
   * most one gets `created`. After a lost reply a writer's own object can answer it as `exists`, so read it back.
   */
  putIfAbsent(key: string, bytes: Uint8Array): Promise<'created' | 'exists'>;

  has(key: string): Promise<boolean>;

  /** Size and time without the bytes; null when there is no such object. */
  stat(key: string): Promise<StoredObject | null>;

  /** Every object whose key begins with `prefix` ('' for all), in no promised order. */
  list(prefix: string): AsyncIterable<StoredObject>;

  /** Removes the object; no error when there is none. */
  delete(key: string): Promise<void>;

  /** Where the objects are, for messages: never holds a credential. */
  describe(): string;

  /** Only of drivers whose writers can leave something behind. */
  readonly leftovers?: Leftovers;
}
