import os from 'node:os';
import { LcomsError } from '../../schemas/errors.js';

/** More threads than this gain little on the networks of this package. */
const DEFAULT_MOST = 8;

/**
 * Threads of the native backend: LCOMS_THREADS, else the processors this process may use, 8 at most. The count may
 * decide how large sums are split, so equal bytes are promised at an equal count only (1, 2
 * and 4 agreed where measured); it is part of the backend identity.
 * Throws LCOMS_E_BACKEND when LCOMS_THREADS is not a whole number from 1 to 512.
 */
export function threadCount(env: NodeJS.ProcessEnv = process.env): number {
  const given = env['LCOMS_THREADS'];
  if (given === undefined || given === '') return Math.min(os.availableParallelism(), DEFAULT_MOST);
  const threads = Number(given);
  if (!Number.isInteger(threads) || threads < 1 || threads > 512) {
    throw new LcomsError('LCOMS_E_BACKEND', `LCOMS_THREADS is "${given}"; it must be a whole number from 1 to 512`, {
      hint: 'Unset LCOMS_THREADS to use every processor.',
    });
  }
  return threads;
}

/**
 * Settings that TensorFlow's library reads once, when it is loaded: pool sizes (TF_NUM_*_THREADS; one inter-op thread,
 * because eager ops run one after the other), oneDNN kernels on, and no banners.
 */
export function setLibraryEnvironment(threads: number): void {
  process.env['TF_NUM_INTRAOP_THREADS'] = String(threads);
  process.env['TF_NUM_INTEROP_THREADS'] = '1';
  process.env['OMP_NUM_THREADS'] = String(threads);
  process.env['TF_ENABLE_ONEDNN_OPTS'] = '1';
  process.env['TF_CPP_MIN_LOG_LEVEL'] ??= '3';
}
