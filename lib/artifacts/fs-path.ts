import { open, realpath } from 'node:fs/promises';
import path from 'node:path';
import { errnoOf } from './fs-errors.js';

/** The real path of `folder`, or of the nearest parent that exists. */
export async function realpathOfNearest(folder: string): Promise<string> {
  for (let at = folder; ; at = path.dirname(at)) {
    try {
      return await realpath(at);
    } catch (error) {
      if (errnoOf(error) !== 'ENOENT' || at === path.dirname(at)) throw error;
    }
  }
}

/** Makes names durable: fsyncs `folder` and its parents up to and including `top`. */
export async function syncFolders(folder: string, top: string): Promise<void> {
  for (let at = folder; ; at = path.dirname(at)) {
    const handle = await open(at, 'r');
    try {
      await handle.sync();
    } finally {
      await handle.close();
    }
    if (at === top || at === path.dirname(at)) return;
  }
}
