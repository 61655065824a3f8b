// Whether the CUDA build of the native backend is worth its two gigabytes here.
import { accessSync, constants, existsSync } from 'node:fs';
import path from 'node:path';

/**
 * True when NVIDIA's driver is installed: it shows itself in /proc, or its nvidia-smi is on PATH. False when
 * CUDA_VISIBLE_DEVICES hides every device: that is also how one keeps the CUDA build away.
 */
export function hasNvidiaDriver(env = process.env, proc = '/proc') {
  if (/^(-1|none|)$/i.test((env.CUDA_VISIBLE_DEVICES ?? 'all').trim())) return false;
  if (existsSync(path.join(proc, 'driver', 'nvidia', 'version'))) return true;
  return (env.PATH ?? '')
    .split(path.delimiter)
    .some((folder) => folder && isExecutable(path.join(folder, 'nvidia-smi')));
}

function isExecutable(file) {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
