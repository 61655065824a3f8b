import { LcomsError } from '../../schemas/errors.js';
import { registerGradients } from './gradients.js';
import { processorKind } from './instruction-set.js';
import { loadNative } from './native.js';
import { threadCount } from './threads.js';
import { loadWasm } from './wasm.js';

/** Backends in the order of preference. */
export const BACKENDS = ['tfjs-node-gpu', 'tfjs-node', 'wasm'] as const;
export type BackendName = (typeof BACKENDS)[number];

/** The backend in use, as it is shown to the user and kept in run records. */
export interface BackendInfo {
  name: BackendName;
  /** Package version, with the library's for native ones, e.g. `4.22.0 (TensorFlow 2.18.1)`. */
  version: string;
  /** Threads inside one op; 1 on wasm. */
  threads: number;
  /**
   * What "the same backend" means for "same spec, same bytes": name, version, thread count and processor kind, e.g.
   * `tfjs-node/4.22.0 (TensorFlow 2.18.1)/threads=2/linux-x64-avx2`; `wasm/4.22.0` alone on every machine.
   */
  identity: string;
  /** Backends that were tried before this one, with the reason why each is not used. */
  tried: { name: BackendName; problem: string }[];
}

let started: Promise<BackendInfo> | undefined;

/**
 * Selects the tensor backend of this process: the first of BACKENDS that loads, or the one forced by `options.force`
 * or LCOMS_BACKEND. Later calls return the first call's choice. Threads: LCOMS_THREADS (see threads.ts).
 * Throws LCOMS_E_BACKEND when a forced backend is unknown, does not load, or another one is in use already.
 */
export async function initBackend(options: { force?: string } = {}): Promise<BackendInfo> {
  const forced = forcedName(options.force ?? process.env['LCOMS_BACKEND']);
  started ??= select(forced).catch((error: unknown) => {
    started = undefined;
    throw error;
  });
  const info = await started;
  if (forced !== undefined && forced !== info.name) {
    throw new LcomsError('LCOMS_E_BACKEND', `the backend ${forced} is asked for, but ${info.name} is in use already`, {
      hint: 'One process has one backend: set LCOMS_BACKEND before it starts.',
    });
  }
  return info;
}

function forcedName(force: string | undefined): BackendName | undefined {
  if (force === undefined || force === '') return undefined;
  const name = BACKENDS.find((backend) => backend === force);
  if (name !== undefined) return name;
  throw new LcomsError('LCOMS_E_BACKEND', `no backend is called "${force}"; the backends are ${BACKENDS.join(', ')}`);
}

async function select(forced: BackendName | undefined): Promise<BackendInfo> {
  const threads = threadCount();
  registerGradients();
  const tried: BackendInfo['tried'] = [];
  for (const name of forced === undefined ? BACKENDS : [forced]) {
    try {
      const version = name === 'wasm' ? await loadWasm() : loadNative(`@tensorflow/${name}`, threads);
      return describe(name, version, name === 'wasm' ? 1 : threads, tried);
    } catch (error) {
      tried.push({ name, problem: error instanceof Error ? error.message : String(error) });
    }
  }
  const reasons = tried.map(({ name, problem }) => `${name}: ${problem}`).join('; ');
  throw new LcomsError('LCOMS_E_BACKEND', `no tensor backend loads (${reasons})`);
}

function describe(name: BackendName, version: string, threads: number, tried: BackendInfo['tried']): BackendInfo {
  const identity = name === 'wasm' ? `${name}/${version}` : `${name}/${version}/threads=${threads}/${processorKind()}`;
  return { name, version, threads, identity, tried };
}
