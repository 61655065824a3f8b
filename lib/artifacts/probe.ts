import { randomUUID } from 'node:crypto';
import { LcomsError } from '../../schemas/errors.js';
import type { ObjectStore } from './object-store.js';

/**
 * Tries out what lcoms needs of a store: write, read back, write once, list, delete. Leaves nothing behind. Throws what
 * the store throws, and LCOMS_E_STORE when it takes a second `If-None-Match: *` write or loses the first: commits would
 * then overwrite one another in silence.
 */
export async function probeStore(store: ObjectStore): Promise<void> {
  const key = `probe/${randomUUID()}`;
  const [first, second] = [Uint8Array.of(1), Uint8Array.of(2)];
  try {
    const created = await store.putIfAbsent(key, first);
    const again = await store.putIfAbsent(key, second);
    const found = await store.get(key);
    let listed = false;
    for await (const object of store.list(key)) listed ||= object.key === key;
    if (created !== 'created' || again !== 'exists' || found.length !== 1 || found[0] !== 1 || !listed) {
      throw new LcomsError('LCOMS_E_STORE', `${store.describe()} does not keep the first of two conditional writes`, {
        hint: 'Use a service that honours `If-None-Match: *`: AWS S3, or a current MinIO or SeaweedFS.',
      });
    }
  } finally {
    await store.delete(key);
  }
}
